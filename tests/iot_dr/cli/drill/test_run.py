"""`iot-dr drill run` while it goes on and at its end, without a drill of minutes."""

import json
import os
import signal
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from iot_dr.cli.drill import run as command
from iot_dr.drill.report.report import DrillReport
from tests.iot_dr.cli.terminal import Terminal
from tests.support.drill_recordings import kill, rehearsed
from tests.support.settings import settings


class Interrupting(StringIO):
    """Takes what is printed, and presses Ctrl-C during it."""

    def write(self, text: str) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return super().write(text)


def test_a_report_is_written_whole_before_ctrl_c_takes_effect(tmp_path: Path) -> None:
    report = DrillReport.of([rehearsed(kill(20))], settings())
    with pytest.raises(KeyboardInterrupt), redirect_stdout(Interrupting()):
        command.show(report, tmp_path, json_status=0)
    assert json.loads((tmp_path / "report.json").read_bytes())["outages"]
    assert {each.name for each in tmp_path.iterdir()} == {
        "junit.xml",
        "report.html",
        "report.json",
    }


def rehearse(progress: command.DrillProgressLines) -> None:
    progress.outage("kill", "eu-west-1")
    for phase, west, central in (("settles", 3, 0), ("settles", 15, 0), ("fails", 0, 7)):
        progress.update(phase, {"eu-west-1": west, "eu-central-1": central})


def test_elsewhere_each_phase_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = command.DrillProgressLines(2)
    with progress.shown():
        rehearse(progress)
    assert capsys.readouterr().err.splitlines() == [
        "1/2 kill of eu-west-1",
        "   settles",
        "   fails",
    ]


def test_on_a_terminal_the_phase_shows_the_devices_of_each_region() -> None:
    progress, screen = command.DrillProgressLines(1), Terminal()
    with redirect_stderr(screen), progress.shown():
        rehearse(progress)
    seen = screen.getvalue()
    assert "1/1 kill of eu-west-1\n" in seen
    assert "0 s  fails; connected: eu-central-1 7" in seen
    assert "settles\n" not in seen
