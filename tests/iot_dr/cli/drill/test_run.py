"""`iot-dr drill run` at its end; a drill that was made up takes the place of one of minutes."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from iot_dr.cli.drill import run as command
from iot_dr.drill.drill import Drill
from iot_dr.drill.report.report import Report
from tests.support.drill_recordings import kill, rehearsed


def test_a_report_is_written_whole_before_ctrl_c_takes_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(drill: Drill, *_: object) -> None:
        drill.results.append(rehearsed(kill(20)))

    def interrupted(report: Report, out: Path) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        write(report, out)

    write: Callable[[Report, Path], None] = Report.write
    monkeypatch.setattr(Drill, "run", run)
    monkeypatch.setattr(Report, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command.run("dev", outage=["kill"], devices=15, speed=10, out=tmp_path, as_json=True)
    assert json.loads((tmp_path / "report.json").read_bytes())["outages"]
    assert {each.name for each in tmp_path.iterdir()} == {
        "junit.xml",
        "report.html",
        "report.json",
    }
