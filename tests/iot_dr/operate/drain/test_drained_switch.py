"""`iot-dr switch away --drain` on a made-up day: AWS, DNS and TLS are served on this machine."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest

from functions.contract import Kind
from functions.registry.entity import Entity
from functions.registry.row import Row
from functions.registry.state import hash_of
from functions.registry.table import RegistryTable
from iot_dr.common.user_error import UsageError
from iot_dr.common.waiting import PollLimits
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import Reply, Request
from iot_dr.operate.drain.client_ids import DrainError
from iot_dr.operate.drain.closing import Closing
from iot_dr.operate.drain.drain_ledger import Outcome, drain_ledger
from tests.iot_dr.operate.drain.drained import FLEET, RATE, away, fleet
from tests.iot_dr.operate.rotate.command import typed
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST
from tests.support.json_output import result_of
from tests.support.region_health import RegionHealth
from tests.support.registry_table import create_registry_table
from tests.support.settings import with_data


@pytest.fixture(autouse=True)
def project(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project in the day's folder, in which the ledger is."""
    (day.folder / "cdktf.json").write_text("{}")
    monkeypatch.setenv("IOT_DR_ROOT", str(day.folder))


def test_connections_are_closed_at_the_rate_once_the_answer_has_moved_and_its_ttl_has_passed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    before = {*connections.clients}
    assert away(day, as_json=True) == 0
    captured = capsys.readouterr()
    assert (set(connections.closed), len(connections.closed)) == (before, FLEET)
    # The alarm follows after a minute.
    assert connections.times[0] >= 60 + DEV.endpoint.ttl
    seconds = max(connections.times) - min(connections.times)
    assert seconds == pytest.approx(FLEET / RATE, rel=0.05)
    drain = result_of(captured.out)["drain"]
    assert (drain["closed"], drain["left"], drain["problem"]) == (FLEET, 0, None)
    assert (drain["standby"], drain["connections"]) == (CENTRAL, FLEET)
    assert "300 connections are closed, 0 were not there" in captured.err


def test_it_shows_connections_and_time_before_it_asks(
    day: Day, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = fleet(day)
    typed(monkeypatch, "no\n")
    assert away(day, yes=False) == 1
    shown = capsys.readouterr().out
    assert "Drain: 300 connections (the fleet index of eu-west-1), of the whole account" in shown
    assert "at 50 a second, in 6 s" in shown
    assert "eu-central-1 accepts 500 connects a second (quota L-AEA1E176)" in shown
    assert (connections.closed, day.puts()) == ([], [])


def test_after_ctrl_c_the_same_command_continues_and_closes_nobody_twice(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    before = {*connections.clients}

    def interrupt() -> None:
        if len(connections.closed) > 100:
            day.events.remove(interrupt)
            raise KeyboardInterrupt

    day.events.append(interrupt)
    assert away(day) == 130
    captured = capsys.readouterr().err
    assert "Interrupted: the switch is set." in captured
    assert "To continue the drain: iot-dr switch away eu-west-1 --env dev --drain 50" in captured
    tried = len(connections.closed)
    assert 100 < tried < FLEET
    # Devices of before whose resolver had the old answer are there again.
    connections.clients |= {*connections.closed[:10]}
    assert away(day) == 0
    assert f"It continues: {tried} connections were tried before." in capsys.readouterr().out
    assert (set(connections.closed), len(connections.closed)) == (before, FLEET)


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


def test_an_index_that_throttles_is_read_to_its_end(day: Day) -> None:
    connections, throttles = fleet(day), [1, 1]

    def throttle(request: Request) -> Reply | None:
        if request.path == "/indices/search" and throttles:
            throttles.pop()
            return Reply(429, b'{"__type": "ThrottlingException"}', "application/json")
        return None

    day.faults.answers.insert(0, throttle)
    assert away(day) == 0
    assert (connections.clients, throttles) == (set(), [])


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


def test_throttled_calls_are_made_again_and_others_without_an_answer_are_not(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    connections.throttles = 7
    failing = ["device-00003"]

    def fail(request: Request) -> Reply | None:
        if request.service == "iotdata" and failing and failing[0] in request.path:
            failing.clear()
            return Reply(500, b"{}", "application/json")
        return None

    day.faults.answers.insert(0, fail)
    assert away(day) == 0
    assert connections.clients == {"device-00003"}
    assert "299 connections are closed, 0 were not there, 1 calls" in capsys.readouterr().out


def test_a_missing_permission_is_named_and_nobody_is_marked_as_closed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet(day)

    def deny(request: Request) -> Reply | None:
        body = b'{"message": "no", "__type": "ForbiddenException"}'
        return Reply(403, body, "application/json") if request.service == "iotdata" else None

    day.faults.answers.insert(0, deny)
    assert away(day) == 3
    shown = capsys.readouterr().out
    assert "the caller needs the IAM action iot:DeleteConnection" in shown
    assert "300 are left" in shown


def test_without_index_the_things_of_the_table_in_the_standby_are_closed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    connections.index = "OFF"
    chosen, table = with_data(DEV), f"{DEV.project}-{DEV.environment}-device-registry"
    dynamodb = client("dynamodb", CENTRAL, day.world.endpoint)
    create_registry_table(dynamodb, table)
    rows = RegistryTable(dynamodb, table)
    for number in range(5):
        thing = Entity(Kind.THING, f"device-{number:05d}")
        for region in DEV.regions:
            row = Row.blank(thing, region)
            # The second one was deleted.
            state = None if number == 1 else {"attributes": {}}
            rows.put(replace(row, state=state, hash=hash_of(state), seen={region: row.stamp}), 0)
    connections.clients -= {"device-00002"}
    try:
        assert away(day, chosen=chosen) == 0
    finally:
        dynamodb.delete_table(TableName=table)
    shown = capsys.readouterr().out
    assert "client ids are the things of the registry's table in eu-central-1" in shown
    assert "3 connections are closed, 1 were not there, 0 calls had no answer" in shown
    assert sorted(connections.closed) == ["device-00000", "device-00003", "device-00004"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": None}, "without the block data there is no registry's table"),
        (
            {"existing": SimpleNamespace(device_policy="ours", cut_over=True)},
            "with the document of existing.device_policy a client id need not be a thing's name",
        ),
    ],
    ids=["no table", "another policy"],
)
def test_without_index_client_ids_may_be_unknown_and_nothing_is_switched(
    day: Day, changes: dict[str, Any], message: str
) -> None:
    fleet(day).index = "OFF"
    with pytest.raises(DrainError, match=f"{message}. Turn connectivity on: aws iot update-"):
        away(day, chosen=with_data(DEV).model_copy(update=changes))
    assert day.puts() == []


def test_the_ledger_is_readable_after_a_crash(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    crash = dedent(f"""
        import os, signal
        from pathlib import Path
        from iot_dr.operate.drain.drain_ledger import drain_ledger
        with drain_ledger(Path({str(file)!r}), None) as ledger:
            ledger.mark("use", "noon")
            ledger.add(["a", "b", "c"])
            ledger.record("a", "closed")
            ledger.record("b", "begun")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", crash], check=False)
    assert done.returncode == -signal.SIGKILL
    with drain_ledger(file, "noon") as ledger:
        assert ledger.waiting() == ["c"]
        assert ledger.counts() == {"closed": 1, "begun": 1, "waiting": 1}
    with drain_ledger(file, "one o'clock") as ledger:
        assert ledger.counts() == {}


@dataclass
class Paced:
    """Closes connections by a made-up clock."""

    file: Path
    now: float = 0.0

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def close(self, count: int, close: Callable[[str], Outcome]) -> Counter[str]:
        with drain_ledger(self.file, None) as ledger:
            ledger.add(f"device-{number}" for number in range(count))
            try:
                Closing(
                    ledger=ledger,
                    close=close,
                    rate=400,
                    problem=lambda: "",
                    report=lambda _seconds, _text: None,
                    polls=PollLimits(limit=0, clock=lambda: self.now, pause=self.pause),
                ).run()
            finally:
                counts = ledger.counts()
        return counts


def test_ten_thousand_connections_are_closed_within_five_percent_of_the_rate(
    tmp_path: Path,
) -> None:
    paced, times = Paced(tmp_path / "ledger"), list[float]()

    def close(_id: str) -> Outcome:
        times.append(paced.now)
        return "closed"

    assert paced.close(10_000, close) == {"closed": 10_000}
    assert max(times) == pytest.approx(10_000 / 400, rel=0.05)


def test_calls_that_are_throttled_together_cost_one_pause(tmp_path: Path) -> None:
    paced, together, tried = Paced(tmp_path / "ledger"), Barrier(64), set[str]()

    def close(client_id: str) -> Outcome:
        if client_id in tried:
            return "closed"
        tried.add(client_id)
        together.wait(30)
        return "waiting"

    assert paced.close(64, close) == {"closed": 64}
    assert paced.now == pytest.approx(1 + 128 / 400, abs=0.1)


def test_a_call_that_breaks_ends_the_drain(tmp_path: Path) -> None:
    def close(_id: str) -> Outcome:
        message = "a fault of ours"
        raise ValueError(message)

    with pytest.raises(ValueError, match="a fault of ours"):
        Paced(tmp_path / "ledger").close(3, close)
