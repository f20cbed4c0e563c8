"""Every command prints its JSON in one shape, also after a mistake (docs/reference/output.md)."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from iot_dr.cli.commands import command_name
from iot_dr.common.renamed_keys import with_flat_result
from tests.iot_dr.cli.test_commands import commands_with_json
from tests.support.command import ROOT, iot_dr_here
from tests.support.json_output import KEYS, document_of

_SUCCEED: Mapping[tuple[str, ...], str] = {
    ("init",): "DIR/new --domain example.org",
    ("check",): "--rules",
    ("doctor",): "--policy",
    ("drill", "list"): "",
    ("drill", "simulate"): "--devices 200",
    ("drill", "sweep"): "--devices 50 --set endpoint.ttl=50",
    ("emit",): "--list",
    ("env", "check"): "",
    ("env", "show"): "dev",
    ("graph",): "--env all",
    ("prove",): "",
    ("rto",): "",
    ("synth",): "--out DIR/out",
}
"""Commands that need neither AWS nor Terraform, with arguments for a result.

The results of the others are read in tests/scenarios and in the tests of their packages.
"""


@pytest.mark.parametrize("words", _SUCCEED, ids=" ".join)
def test_a_result_has_the_keys_of_the_page(words: tuple[str, ...], tmp_path: Path) -> None:
    arguments = _SUCCEED[words].replace("DIR", str(tmp_path)).split()
    done = iot_dr_here(*words, *arguments, "--json")
    document = document_of(done.stdout)
    assert document["command"] == " ".join(words)
    assert document["exit_status"] == done.returncode == 0
    assert document["error"] is None


@pytest.mark.parametrize(
    ("line", "command", "message"),
    [
        ("plan --env nowhere", "plan", "'nowhere' is not an environment"),
        ("plan --no-such-option", "plan", "No such option"),
        ("nothing", "", "No such command"),
        ("drill nothing", "drill", "No such command"),
        ("review --env dev", "review", "No such option"),
        (
            "switch away eu-west-1 --env dev --reason x",
            "switch away",
            "confirmation needs a terminal",
        ),
        ("drill simulate --devices 0", "drill simulate", "Invalid value for"),
    ],
)
def test_a_mistake_is_json_on_stdout_and_text_on_stderr(
    line: str, command: str, message: str
) -> None:
    done = iot_dr_here(*line.split(), "--json")
    document = document_of(done.stdout)
    assert (document["command"], document["exit_status"]) == (command, 2)
    assert message in document["error"]["message"]
    assert message in " ".join(re.sub(r"[│╭─╰╮╯]", " ", done.stderr).split())
    assert done.returncode == 2


def test_without_json_stdout_stays_empty_after_a_mistake() -> None:
    done = iot_dr_here("plan", "--env", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")


def test_an_answer_that_is_not_good_is_a_result(tmp_path: Path) -> None:
    settings = (ROOT / "environments/dev.yaml").read_text(encoding="utf-8")
    (tmp_path / "environments").mkdir()
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / "environments/dev.yaml").write_text(settings.replace("rto: 360", "rto: 180"))
    done = iot_dr_here("rto", "--json", cwd=tmp_path)
    document = document_of(done.stdout)
    assert document["exit_status"] == done.returncode == 3
    assert document["result"][0]["verdict"] == "over in the 99 % case"


def test_the_keys_of_a_result_are_at_the_top_too_until_0_3() -> None:
    document = {"environment": "dev", "result": {"environment": "other", "stacks": []}}
    assert with_flat_result(document) == {**document, "stacks": []}
    assert with_flat_result({"result": [1]}) == {"result": [1]}
    assert list(with_flat_result(document))[:2] == ["environment", "result"]


def test_the_page_names_the_result_of_every_command() -> None:
    rows = (ROOT / "docs/reference/output.md").read_text(encoding="utf-8").split("## Results")[1]
    named = {
        name for cell in re.findall(r"^\| (.*?) \|", rows, re.MULTILINE) for name in cell.split("`")
    }
    named |= {f"registry {name}" for name in named}
    assert {" ".join(words) for words in commands_with_json()} - named == set()


def test_the_error_on_the_page_is_the_one_that_is_printed() -> None:
    page = (ROOT / "docs/reference/output.md").read_text(encoding="utf-8")
    command, printed = re.findall(
        r"```console\n\$ iot-dr (.*?) 2> /dev/null\n(.*?)```", page, re.DOTALL
    )[0]
    done = iot_dr_here(*command.split())
    assert json.loads(printed) == json.loads(done.stdout)
    assert list(json.loads(printed)) == KEYS


def test_the_command_of_a_command_line() -> None:
    lines = ("", "plan --json", "drill run", "drill", "drill --json", "--json plan", "nothing")
    names = [command_name(line.split()) for line in lines]
    assert names == ["", "plan", "drill run", "drill", "drill", "", ""]
