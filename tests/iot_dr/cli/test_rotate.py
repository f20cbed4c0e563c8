"""How a rotation goes on, on stderr."""

from contextlib import redirect_stderr
from typing import Final

import pytest

from iot_dr.cli.rotate import RotateProgress
from iot_dr.operate.rotate.situation import Step
from tests.iot_dr.cli.terminal import Terminal

STEPS: Final[dict[Step, str]] = {
    "away": "switch it away",
    "drain": "wait until it is drained",
    "replace": "replace its certificate",
    "serve": "wait until it is served",
    "back": "switch it back",
}


def rotate(progress: RotateProgress) -> None:
    progress.begin("drain")
    for seconds in (0, 15):
        progress.wait(seconds, "the alarm is OK")
    progress.wait(30, "3 connects")
    progress.report("no connect for 5 minutes")


def test_elsewhere_what_is_missing_is_a_line_when_it_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = RotateProgress(STEPS)
    with progress.shown():
        rotate(progress)
    assert capsys.readouterr().err.splitlines() == [
        "2. wait until it is drained",
        "      0 s: the alarm is OK",
        "     30 s: 3 connects",
        "   no connect for 5 minutes",
    ]


def test_on_a_terminal_what_is_missing_leaves_no_line() -> None:
    progress, screen = RotateProgress(STEPS), Terminal()
    with redirect_stderr(screen), progress.shown():
        rotate(progress)
    seen = screen.getvalue()
    assert "2. wait until it is drained\n" in seen
    assert "   no connect for 5 minutes\n" in seen
    assert "the alarm is OK\n" not in seen
