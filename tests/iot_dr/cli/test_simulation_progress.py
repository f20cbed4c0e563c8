"""How far simulations have come, on stderr."""

from threading import Event

import pytest

from iot_dr.cli import simulation_progress
from iot_dr.cli.simulation_progress import SimulationProgress


def test_what_ends_soon_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with SimulationProgress(2).shown() as progress:
        progress.done()
    assert capsys.readouterr().err == ""


def test_what_takes_longer_tells_how_many_are_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Event()
    monkeypatch.setattr(simulation_progress, "_SILENT", 0.0)
    monkeypatch.setattr(simulation_progress.time, "monotonic", lambda: told.set() or 0.0)
    with SimulationProgress(3).shown() as progress:
        progress.done()
        assert told.wait(10)
    assert capsys.readouterr().err.splitlines()[0] in {
        "simulated 0 of 3, 0 s",
        "simulated 1 of 3, 0 s",
    }
