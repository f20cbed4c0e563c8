"""What a project's `cdktf.json` declares of its own stacks."""

import json
import sys
from pathlib import Path

import pytest

from environments.errors import SettingsError
from environments.loader import load
from environments.own_stacks import declared_stacks
from stacks.own_stacks import own_stacks
from tests.environments.files import project_with
from tests.support.settings import document

STACK = """
from iot_dr.api import BaseStack

class Orders(BaseStack):
    kind = "orders"
"""


UNREADABLE = """class Unreadable(Exception):
    def __str__(self):
        raise OSError
raise Unreadable
"""


def declare(root: Path, context: object) -> None:
    """Write a `cdktf.json` with this context."""
    (root / "cdktf.json").write_text(json.dumps({"context": context}, indent=2))


def test_a_project_without_own_stacks_declares_none(tmp_path: Path) -> None:
    assert not declared_stacks(tmp_path)
    declare(tmp_path, {"other": 1})
    assert not declared_stacks(tmp_path)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"iot-dr": []}, "cdktf.json: context.iot-dr: must be an object with the lists"),
        ({"iot-dr": {"region": []}}, "must be an object with the lists regional and global"),
        ({"iot-dr": {"regional": "a:B"}}, "context.iot-dr.regional: must be a list of classes"),
        ({"iot-dr": {"global": [1]}}, "context.iot-dr.global[0]: must be the name of a class"),
        (["iot-dr"], "cdktf.json: context: must be an object"),
    ],
)
def test_a_declaration_of_another_shape_is_refused(
    tmp_path: Path, context: object, message: str
) -> None:
    declare(tmp_path, context)
    with pytest.raises(SettingsError) as error:
        declared_stacks(tmp_path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'"iot-dr"' + b"[" * 100_000, "cdktf.json: is not valid JSON: "),
        (b'{"iot-dr":' + b"[" * 100_000, "cdktf.json: is not valid JSON: is nested too deep"),
        (b'{"iot-dr": "\xff"}', "cdktf.json: is not UTF-8, so not JSON"),
    ],
)
def test_a_declaration_that_is_not_json_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "cdktf.json").write_bytes(content)
    with pytest.raises(SettingsError) as error:
        declared_stacks(tmp_path)
    assert str(error.value).startswith(message)


def loaded_with(root: Path, module: str, name: str, text: str = STACK) -> str:
    """Return the kinds of own stacks of a project with a module, or the error."""
    project_with(root, dev=json.dumps(document()))
    (root / f"{module}.py").write_text(text)
    declare(root, {"iot-dr": {"regional": [name]}})
    chosen = load("dev", {}, root / "environments")
    try:
        return " ".join(stack.kind for stack in own_stacks(chosen))
    except SettingsError as error:
        return str(error)
    finally:
        sys.modules.pop(module, None)


def test_a_class_is_imported_from_the_projects_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert loaded_with(tmp_path, "own_good", "own_good:Orders") == "orders"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("own_a", STACK, "'own_a' must be module:Class, such as"),
        ("own_b:Order", STACK, "'own_b:Order' is not in own_b: it has no Order"),
        ("own_c.d:Orders", STACK, "cannot be imported: ModuleNotFoundError: No module"),
        ("own_e:Orders", "class:", "SyntaxError at own_e.py:1: invalid syntax"),
        ("own_f:Orders", "1 / 0", "ZeroDivisionError at own_f.py:1: division by zero"),
        ("own_g:Orders", "Orders = 1", "must be a class derived from iot_dr.api.BaseStack"),
        ("own_h:Orders", "import sys\nsys.exit(0)", "Orders ends the program: SystemExit: 0"),
        (
            "own_i:Orders",
            "import os\nraise SystemExit",
            "Orders ends the program: SystemExit: None",
        ),
        ("own_k:Orders", UNREADABLE, "Unreadable at own_k.py:4: its text cannot be read: OSError"),
        ("own_l:Orders", f"{STACK}    upstream = 5", "has the upstream 5; expected kinds of"),
        ("own_m:Orders", f"{STACK}    upstream = ({{}},)", "has the upstream ({},); expected"),
        ("own_n:Orders", f'{STACK}    upstream = "iot"', "has the upstream 'iot'; expected"),
        ("own_o:Orders", f"{STACK}    kind = 5", "has the kind 5; expected lower-case letters"),
        ("own_p:Orders", f'{STACK}    kind = "a" * 400', "has the kind 'aaaaa"),
    ],
)
def test_a_class_that_cannot_be_imported_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    refusal = loaded_with(tmp_path, name[:5], name, text)
    assert refusal.startswith("cdktf.json:5: context.iot-dr.regional[0]: ")
    assert message in refusal
    assert "\n" not in refusal
