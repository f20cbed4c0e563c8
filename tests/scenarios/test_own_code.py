"""Own stacks whose code ends the program, or keeps it from ending: no command passes."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.environments.files import project_with
from tests.support.command import iot_dr
from tests.support.settings import document

ENDLESS: Final = """
    def __init__(self, *arguments):
        super().__init__(*arguments)
        threading.Thread(target=threading.Event().wait, name="endless").start()
"""


@pytest.mark.parametrize(
    ("first", "body", "message"),
    [
        # As a signal handler could, after the synthesis.
        (
            "check.judge = lambda *_, **__: sys.exit(0)",
            "",
            "check was ended before its end, by sys.exit",
        ),
        ("", ENDLESS, "Orders starts the thread 'endless', which does not end; end it, or create"),
    ],
)
def test_a_command_fails_if_own_code_exits_or_leaves_a_thread(
    tmp_path: Path, first: str, body: str, message: str
) -> None:
    project_with(tmp_path, dev=json.dumps(document()))
    code = ["import sys, threading", "from iot_dr.api import BaseStack"]
    code += ["from iot_dr.cli import check", first]
    code += ["class Orders(BaseStack):", '    kind = "orders"', body]
    (tmp_path / "own.py").write_text("\n".join(code))
    declared = {"context": {"iot-dr": {"regional": ["own:Orders"]}}}
    (tmp_path / "cdktf.json").write_text(json.dumps(declared))
    done = iot_dr("check", "--env", "dev", cwd=tmp_path)
    assert done.returncode in {1, 2}, done.stdout + done.stderr
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
