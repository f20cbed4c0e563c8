"""`iot-dr switch away --drain` on a made-up day: AWS, DNS and TLS are served on this machine."""

from dataclasses import replace

import pytest

from iot_dr.common.user_error import UsageError
from tests.iot_dr.operate.drain.drained import FLEET, RATE, away, fleet
from tests.iot_dr.operate.rotate.command import puts, run_on, stop, typed, wished
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST
from tests.support.command import ROOT
from tests.support.json_output import result_of
from tests.support.region_health import RegionHealth

pytestmark = pytest.mark.usefixtures("project")


def test_connections_are_closed_at_the_rate_once_the_answer_has_moved_and_its_ttl_has_passed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day, 300)
    before = {*connections.clients}
    assert away(day, as_json=True) == 0
    captured = capsys.readouterr()
    assert (set(connections.closed), len(connections.closed)) == (before, 300)
    # The alarm follows after a minute.
    assert connections.times[0] >= 60 + DEV.endpoint.ttl
    seconds = max(connections.times) - min(connections.times)
    assert seconds == pytest.approx(300 / RATE, rel=0.05)
    drain = result_of(captured.out)["drain"]
    assert (drain["closed"], drain["left"], drain["problem"]) == (300, 0, None)
    assert (drain["standby"], drain["connections"]) == (CENTRAL, 300)
    assert "300 connections are closed, 0 were not there" in captured.err


def test_it_shows_connections_and_time_before_it_asks(
    day: Day, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = fleet(day)
    typed(monkeypatch, "no\n")
    assert away(day, yes=False) == 1
    shown = capsys.readouterr().out
    assert (
        f"Drain: {FLEET} connections (the fleet index of eu-west-1), of the whole account" in shown
    )
    assert "at 50 a second, in 2 s" in shown
    assert "eu-central-1 accepts 500 connects a second (quota L-AEA1E176)" in shown
    assert (connections.closed, day.puts()) == ([], [])


def test_after_ctrl_c_the_same_command_continues_and_closes_nobody_twice(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    before = {*connections.clients}

    def interrupt() -> None:
        if len(connections.closed) > 20:
            day.events.remove(interrupt)
            raise KeyboardInterrupt

    day.events.append(interrupt)
    assert away(day) == 130
    captured = capsys.readouterr().err
    assert "Interrupted: the switch is set." in captured
    assert "To continue the drain: iot-dr switch away eu-west-1 --env dev --drain 50" in captured
    tried = len(connections.closed)
    assert 20 < tried < FLEET
    # Devices of before whose resolver had the old answer are there again.
    connections.clients |= {*connections.closed[:10]}
    assert away(day) == 0
    assert f"It continues: {tried} connections were tried before." in capsys.readouterr().out
    assert (set(connections.closed), len(connections.closed)) == (before, FLEET)


def test_a_drain_is_continued_although_the_region_did_not_answer_in_between(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)

    def stop(_id: str) -> None:
        if len(connections.closed) > 20:
            day.faults.fail("refuse", WEST)

    connections.close = stop
    assert away(day) == 3
    connections.close = lambda _id: None
    assert away(day) == 3
    assert "eu-west-1 is not drained." in capsys.readouterr().out
    day.faults.failing.clear()
    assert away(day) == 0
    assert "It continues" in capsys.readouterr().out
    assert len(connections.closed) == len({*connections.closed})


def test_a_completed_drain_is_not_continued_so_that_devices_that_came_back_are_closed(
    day: Day,
) -> None:
    connections = fleet(day)
    assert away(day) == 0
    connections.clients |= {"device-00001"}
    assert away(day) == 0
    assert connections.closed[FLEET:] == ["device-00001"]


def test_who_connects_before_the_answer_has_moved_is_closed_too(day: Day) -> None:
    connections = fleet(day)

    def connect() -> None:
        day.events.remove(connect)
        connections.clients.add("late")

    day.events.append(connect)
    assert away(day) == 0
    assert (connections.clients, len(connections.closed)) == (set(), FLEET + 1)


def test_a_lost_region_cannot_be_drained_and_is_switched_away_nevertheless(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    day.faults.fail("refuse", WEST)
    day.world.see({WEST: RegionHealth(deep=False, tcp=False)})
    assert away(day) == 3
    shown = capsys.readouterr().out
    lost, done = shown.index("eu-west-1 cannot be drained"), shown.index("is switched away.")
    assert lost < done
    assert "Devices leave eu-west-1 when their keep-alive ends" in shown
    assert "eu-west-1 is not drained." in shown
    assert (connections.closed, day.puts()) == ([], [(WEST, True)])


@pytest.mark.parametrize("rate", [50.0, float("nan")])
def test_a_rate_above_the_standbys_quota_is_refused(day: Day, rate: float) -> None:
    fleet(day).quota = 40
    with pytest.raises(UsageError, match=f"--drain {rate:g}: expected at most 40"):
        away(day, rate=rate)
    assert day.puts() == []


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
