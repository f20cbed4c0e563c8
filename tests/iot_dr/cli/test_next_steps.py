"""A command names the next step: on a terminal, from the doctor to the pipeline."""

import re
import sys
from itertools import pairwise
from typing import Any

import pytest

from iot_dr.cli import main
from iot_dr.cli.commands import LazyCommand, app, groups
from iot_dr.cli.next_steps import NEXT_STEPS, next_step
from iot_dr.cli.text import QUIET
from tests.iot_dr.cli.terminal import Terminal
from tests.iot_dr.cli.test_commands import command_lines
from tests.support.command import ROOT

OPTIONS: dict[str, Any] = {"env": "dev", "provider": None, "out": "folder", "wave": None}
NAMES = [" ".join(words) for words in command_lines()]


def named(step: str) -> list[str]:
    """Return the commands in a step with their options, as typed."""
    return re.findall(r"iot-dr ([a-z][a-z -]*(?: --[a-z]+(?: [^ (,]+)?)*)", step)


def loaded(name: str) -> LazyCommand:
    *group, last = name.split()
    command = (groups[group[0]] if group else app).commands[last]
    assert isinstance(command, LazyCommand)
    return command.loaded()


@pytest.mark.parametrize("entry", NEXT_STEPS, ids=lambda entry: f"{entry.after} {entry.status}")
def test_a_step_names_commands_options_and_pages_that_exist(entry: Any) -> None:
    assert entry.after in NAMES
    parameters = {each.name for each in loaded(entry.after).params}
    assert set(re.findall(r"{(\w+)}", entry.step)) | set(entry.given) <= parameters
    for line in named(entry.step):
        name, *options = re.split(r" (?=--)", line)
        allowed = {option for each in loaded(name.strip()).params for option in each.opts}
        assert {option.split()[0] for option in options} <= allowed
    for page in re.findall(r"docs/[\w/-]+\.md", entry.step):
        assert (ROOT / page).is_file()
    hints = ("docs/", "{out}", "make ")
    assert not entry.step or named(entry.step) or any(each in entry.step for each in hints)


def test_the_first_deploy_is_led_from_step_to_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER", "aws")
    page = (ROOT / "docs" / "how-to" / "first-deploy.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\| \d \| `iot-dr (.*?)` \|", page, re.MULTILINE)
    for here, there in pairwise(steps):
        step = next_step(here, 0, OPTIONS)
        assert step
        assert f"iot-dr {there} " in step
    assert "`data`" in str(next_step(steps[-1], 0, OPTIONS))
    assert "pipeline" in str(next_step("registry status", 0, OPTIONS))


def test_a_step_depends_on_status_options_and_provider() -> None:
    wave = {**OPTIONS, "wave": 0}
    assert next_step("plan", 0, wave) == "iot-dr apply --env dev --plans folder --wave 0"
    assert str(next_step("plan", 0, OPTIONS)).startswith("iot-dr review --env dev")
    assert next_step("plan", 1, OPTIONS) is None
    assert next_step("plan", 0, {**OPTIONS, "env": "all"}) is None
    assert str(next_step("deploy", 0, OPTIONS)).startswith("iot-dr drill run")
    assert str(next_step("deploy", 0, {**OPTIONS, "provider": "aws"})).startswith("iot-dr status")
    assert next_step("doctor", 0, {"env": "dev", "policy": True}) is None
    assert next_step("init", 0, {"folder": "new"}) is None
    unnamed = {"env": None, "provider": None, "plans": None}
    assert next_step("review", 0, unnamed) == "iot-dr deploy --env dev"
    assert next_step("review", 0, {**unnamed, "env": "staging"}) == "iot-dr deploy --env staging"
    assert next_step("review", 0, {**unnamed, "plans": "plan.json"}) is None
    assert "again" in str(next_step("doctor", 3, {"env": "dev", "policy": False}))


@pytest.mark.parametrize(
    ("words", "is_named"),
    [("rto", True), ("rto --quiet", False), ("rto --json", False), ("env show dev", False)],
)
def test_it_is_for_a_person_at_a_terminal(
    words: str, is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "argv", ["iot-dr", *words.split()])
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv(QUIET, "")
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit):
        main()
    last = "Next: iot-dr drill run --env dev (rehearses the loss of a region on this machine)"
    shown = " ".join(terminal.getvalue().split())
    assert (shown == last) is is_named
    assert is_named or not shown
