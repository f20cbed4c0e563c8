"""The standby of a drain: before it, and while connections are closed."""

import pytest

from iot_dr.operate.drain.client_ids import DrainError
from tests.iot_dr.operate.drain.drained import away, fleet
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, WEST
from tests.support.region_health import RegionHealth

pytestmark = pytest.mark.usefixtures("project")


def test_a_standby_that_is_not_ready_refuses_before_anything_is_switched(day: Day) -> None:
    connections = fleet(day)
    day.tls.regions[CENTRAL].context = day.issuer.default
    with pytest.raises(
        DrainError, match=r"eu-central-1 is not ready for the devices: .* not serve"
    ):
        away(day)
    with pytest.raises(DrainError):
        away(day, force=True)
    assert (connections.closed, day.puts()) == ([], [])


def test_a_standby_that_fails_during_the_drain_stops_it(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 5_000)

    def fail(_id: str) -> None:
        day.world.see({CENTRAL: RegionHealth(tcp=False)})

    connections.close = fail
    assert away(day) == 3
    captured = capsys.readouterr()
    assert "The drain has stopped: eu-central-1 is not ready for the devices" in captured.out
    assert "eu-central-1 is unhealthy. To continue: iot-dr switch away" in captured.out
    assert 0 < len(connections.closed) < 5_000
    assert connections.clients


def test_a_region_that_somebody_switches_back_is_not_drained_further(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 5_000)
    # Route 53 still leads to the standby.
    connections.close = lambda _id: day.world.switch(WEST, "OK")
    assert away(day) == 3
    stopped = "The drain has stopped: eu-west-1 is not known to be switched away any more"
    assert stopped in capsys.readouterr().out
    assert connections.clients


def test_a_check_of_the_standby_that_breaks_stops_the_drain(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 5_000)

    def prober(_name: str) -> None:
        if connections.closed:
            message = "a fault of ours"
            raise ValueError(message)

    assert away(day, prober=prober) == 3
    assert "whether eu-central-1 is ready is unknown: a fault of ours" in capsys.readouterr().out
    assert connections.clients
