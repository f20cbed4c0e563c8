"""The runbook of `iot-dr rotate`, run in a made-up world; see test_rotate_command.py."""

import re
import shlex
import sys
from dataclasses import dataclass
from functools import partial

import pytest

from environments.loader import load
from iot_dr.cli import app
from iot_dr.cli.rotate import RotateOptions
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.network import NETWORK
from tests.iot_dr.operate.rotate.command import Terminal, interrupt, run_on, stop
from tests.iot_dr.operate.rotate.day import Day
from tests.support.runbook import Walk, timeless
from tests.support.within import within

pytest_plugins = ["tests.scenarios.support.rotation_fixtures"]

pytestmark = pytest.mark.usefixtures("lent")

DEV = load("dev", {})
WEST, CENTRAL = DEV.regions


@dataclass
class Shell:
    """A terminal whose `iot-dr` runs in this world; `answer` is typed at a confirmation."""

    day: Day
    patch: pytest.MonkeyPatch
    answer: str = "yes"

    def __call__(self, command: str) -> str:
        """Run a line `iot-dr ...` and return all of its output, as a terminal shows it."""
        program, *arguments = shlex.split(command)
        assert program == "iot-dr"
        screen = Terminal(f"{self.answer}\n")
        day = self.day
        with within(NETWORK, day.network), self.patch.context() as patch:
            # The width of the page, which a terminal of 80 columns would wrap.
            patch.setenv("COLUMNS", "200")
            patch.setattr(sys, "stdin", screen)
            patch.setattr(sys, "stdout", screen)
            patch.setattr(sys, "stderr", Screen(screen))
            try:
                self._run(arguments)
            except UserError as error:
                screen.write(f"{error}\n")
        return screen.getvalue()

    def _run(self, arguments: list[str]) -> None:
        name, *options = arguments
        if name != "rotate":
            app(arguments, standalone_mode=False)
            return
        given = app.commands[name].make_context(name, options).params
        run_on(self.day, RotateOptions(environment=given.pop("env"), **given))


@dataclass
class Screen:
    """The terminal as standard error: not a terminal, so that waits are printed line by line."""

    screen: Terminal

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        return self.screen.write(text)

    def flush(self) -> None:
        pass


def anonymous(text: str) -> str:
    """Replace the ids and times of a run in a text."""
    # Printed if this machine switches back sooner than a real rotation, which takes minutes.
    text = re.sub(r"^ +\d+ s: its publisher may put .*\n", "", text, flags=re.MULTILINE)
    one_run = r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|[0-9a-f]{16}(?=\.\.\.)|(?<=ends in )\d+"
    return re.sub(one_run, "ID", timeless(text))


@pytest.mark.exhaustive
@pytest.mark.runbook("rotate.md", "Preview", "Rotate", "Resume")
def test_the_runbook_rotates_a_standby(
    walk: Walk, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(day, monkeypatch)
    shell.answer = "no"
    walk.step(shell, f"iot-dr rotate --region {CENTRAL}", alike=anonymous)
    shell.answer = "yes"
    day.events.append(partial(interrupt_when_replaced, day, day.certificate(CENTRAL)))
    walk.step(shell, f"iot-dr rotate --region {CENTRAL}", alike=anonymous)
    day.events.clear()
    walk.step(shell, f"iot-dr rotate --region {CENTRAL}", alike=anonymous)


def interrupt_when_replaced(day: Day, before: str | None) -> None:
    if day.certificate(CENTRAL) != before:
        raise KeyboardInterrupt


@pytest.mark.exhaustive
@pytest.mark.runbook("rotate.md", "Home", "Rollback", "Verify")
def test_the_runbook_previews_home_and_rolls_back(
    walk: Walk, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(day, monkeypatch)
    day.events.append(interrupt)
    walk.step(shell, f"iot-dr rotate --region {WEST}", alike=anonymous)
    day.events.clear()
    walk.step(shell, f"iot-dr rotate --region {WEST}", alike=anonymous)
    day.follow(WEST, is_away=False)
    walk.step(shell, "iot-dr status")


@pytest.mark.exhaustive
@pytest.mark.runbook("rotate.md", "Without an alarm region")
def test_the_runbook_creates_the_endpoint_again_without_the_alarm_region(
    walk: Walk, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(day, WEST, "iot-dev-hosted-zone: 3 to replace")
    day.faults.fail("refuse", CENTRAL)
    walk.step(Shell(day, monkeypatch), "iot-dr rotate")
    assert len(day.serving(WEST)) == 2
