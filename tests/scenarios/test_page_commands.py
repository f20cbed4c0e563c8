"""Every command that a page shows is run by a test, or the reason why none runs it is here."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.test_runbooks import walked
from tests.support.command import ROOT, iot_dr, plain_environment
from tests.support.runbook import PAGES, commands

RUN_BY: Final[Mapping[str, Mapping[str, str]]] = {
    "docs/reference/cost.md": {"iot-dr plan": "tests/scenarios/test_plan_command.py"},
    "docs/how-to/doctor.md": {"iot-dr doctor": "tests/scenarios/test_doctor_command.py"},
    "docs/how-to/drill-play.md": dict.fromkeys(
        ("iot-dr drill play", "iot-dr status", "iot-dr switch away"),
        "tests/scenarios/test_drill_play.py",
    ),
    "docs/how-to/drill.md": {"make drill": "tests/docs/test_drill_page.py"},
    "docs/how-to/engine.md": {
        "ENGINE=terrain": "tests/scenarios/test_page_commands.py",
        "make sandbox": "tests/engine/test_move.py",
        "ENGINE=cdktn make": "tests/engine/test_move.py",
        "export": "tests/scenarios/test_cdktf_cli.py",
        "ENV=dev node_modules/.bin/cdktf list": "tests/scenarios/test_cdktf_cli.py",
        "iot-dr sandbox exec -- cdktf": "tests/scenarios/test_cdktf_cli.py",
    },
    "docs/explanation/failover.md": {
        "iot-dr prove": "tests/iot_dr/cli/test_prove.py",
        "make rto": "tests/iot_dr/cli/test_rto.py",
    },
    "docs/how-to/first-deploy.md": {
        "export": "tests/scenarios/test_tutorial.py",
        **dict.fromkeys(
            (
                *("iot-dr state init", "iot-dr plan", "iot-dr review", "iot-dr deploy"),
                "iot-dr drill run",
            ),
            "tests/scenarios/test_tutorial.py",
        ),
        "iot-dr doctor": "tests/scenarios/test_doctor_command.py",
        "iot-dr status": "tests/scenarios/test_status_command.py",
        "iot-dr acceptance": "tests/scenarios/test_acceptance.py",
        "iot-dr registry": "tests/scenarios/test_registry_runbooks.py",
    },
    "docs/reference/output.md": {"iot-dr env show": "tests/iot_dr/cli/test_json.py"},
    "docs/how-to/pull-requests.md": dict.fromkeys(
        ("terraform init", "terraform plan", "terraform show", "iot-dr check"),
        "tests/workflows/test_action.py",
    ),
    "docs/how-to/review.md": {"terraform plan": "tests/scenarios/test_review_command.py"},
    "docs/reference/stand-in.md": {
        "eval": "tests/scenarios/test_page_commands.py",
        "make conformance": "tests/conformance/__main__.py",
    },
    "docs/reference/status.md": {"iot-dr status": "tests/scenarios/test_status_command.py"},
    "docs/how-to/project.md": {"iot-dr upgrade": "tests/iot_dr/cli/test_upgrade.py"},
}
"""Files that run commands of a page without the mark `runbook`, by the command's beginning."""

NOT_RUN: Final[Mapping[str, Mapping[str, str]]] = {
    "docs/reference/cost.md": {"infracost": "needs an account of infracost, and its service"},
}
"""Commands that no test runs, with the reason."""

_SHELL: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Decisions and reviews show what was; runbooks have tests of their own.
_ELSEWHERE: Final = {"adr", "reviews", "runbooks", "modules"}


def pages() -> Iterator[Path]:
    yield ROOT / "README.md"
    for page in sorted((ROOT / "docs").rglob("*.md")):
        if page.parent.name not in _ELSEWHERE and "node_modules" not in page.parts:
            yield page


def shown(page: Path) -> set[str]:
    """Return the commands in a page's console and shell blocks that no `runbook` mark names."""
    name = os.path.relpath(page, PAGES)
    covered = {section for marked, section in walked() if marked == name}
    lines = {each.text for each in commands(name) if each.shown is not None}
    lines -= {each.text for each in commands(name) if each.section in covered}
    if covered:
        return lines
    blocks = _SHELL.findall(page.read_text(encoding="utf-8"))
    return lines | {line for block in blocks for line in block.splitlines()}


@pytest.mark.parametrize("page", [*pages()], ids=lambda page: str(page.relative_to(ROOT)))
def test_each_command_of_a_page_is_run_or_has_a_reason(page: Path) -> None:
    name = str(page.relative_to(ROOT))
    known = (*RUN_BY.get(name, {}), *NOT_RUN.get(name, {}))
    assert [line for line in shown(page) if not line.startswith(known)] == []


def test_the_lists_name_pages_commands_and_tests_that_exist() -> None:
    for listed in (RUN_BY, NOT_RUN):
        for name, beginnings in listed.items():
            text = (ROOT / name).read_text(encoding="utf-8")
            assert [each for each in beginnings if each not in text] == [], name
    files = {file for page in RUN_BY.values() for file in page.values()}
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_an_unknown_engine_is_refused_as_its_page_says() -> None:
    (command,) = [
        each for each in commands("../how-to/engine.md") if each.text.startswith("ENGINE=terr")
    ]
    assignment, _, *arguments = command.text.split()
    done = iot_dr(*arguments, ENGINE=assignment.partition("=")[2])
    assert done.returncode == 2
    assert command.shown == f"error: {done.stderr.removeprefix('error: ')}"


def test_the_mirror_of_the_stand_in_is_set_in_a_shell_as_its_page_says(tmp_path: Path) -> None:
    (command,) = [
        each for each in commands("../reference/stand-in.md") if each.text.startswith("eval")
    ]
    line = command.text.replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["/bin/sh", "-ec", f'{line}; cat "$TF_CLI_CONFIG_FILE"'],
        cwd=tmp_path, env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "filesystem_mirror" in done.stdout
