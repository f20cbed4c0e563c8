import pytest

from tests.iot_dr.operate.rotate.day import Day


@pytest.fixture
def project(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project in the day's folder, in which the ledger is."""
    (day.folder / "cdktf.json").write_text("{}")
    monkeypatch.setenv("IOT_DR_ROOT", str(day.folder))
