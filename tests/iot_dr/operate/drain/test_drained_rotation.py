"""`iot-dr rotate --drain`: devices go at a rate before the region loses its certificate."""

from dataclasses import replace

import pytest

from tests.iot_dr.operate.drain.drained import FLEET, RATE, fleet
from tests.iot_dr.operate.rotate.command import puts, run_on, stop, wished
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST
from tests.support.command import ROOT


@pytest.mark.usefixtures("project")
def test_connections_are_closed_after_the_switch_and_before_anything_is_replaced(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    (day.folder / "environments").symlink_to(ROOT / "environments")
    connections = fleet(day)
    before = day.certificate(WEST)
    left_at_change: list[int] = []

    def watch() -> None:
        if day.certificate(WEST) != before and not left_at_change:
            left_at_change.append(len(connections.clients))

    day.events.append(watch)
    assert run_on(day, replace(wished(WEST), drain=RATE)) == 0
    shown = capsys.readouterr()
    assert f"Drain: {FLEET} connections (the fleet index of eu-west-1)" in shown.out
    assert f"{FLEET} connections are closed, 0 were not there" in shown.err
    assert (len(connections.closed), left_at_change) == (FLEET, [0])
    assert connections.times[0] >= DEV.endpoint.ttl
    assert puts(day) == [(WEST, True), (WEST, False)]


@pytest.mark.usefixtures("project")
def test_an_abandoned_rotation_neither_shows_a_drain_nor_needs_a_standby_for_one(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    (day.folder / "environments").symlink_to(ROOT / "environments")
    connections = fleet(day)
    stop(day, WEST, "drain")
    day.tls.regions[CENTRAL].context = day.issuer.default
    assert run_on(day, replace(wished(WEST, abandon=True), drain=RATE)) == 0
    assert "Drain:" not in capsys.readouterr().out
    assert connections.closed == []
