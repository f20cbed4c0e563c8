"""The calls that close connections: their rate, and their errors."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest

from iot_dr.common.waiting import PollLimits
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.operate.drain.closing import Closing
from iot_dr.operate.drain.drain_ledger import Outcome, drain_ledger
from tests.iot_dr.operate.drain.drained import FLEET, away, fleet
from tests.iot_dr.operate.rotate.day import Day


@pytest.mark.usefixtures("project")
def test_throttled_calls_are_made_again_and_others_without_an_answer_are_not(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    connections.throttles = 7
    failing = ["device-00003"]

    def fail(request: ApiRequest) -> Reply | None:
        if request.service == "iotdata" and failing and failing[0] in request.path:
            failing.clear()
            return Reply(500, b"{}", "application/json")
        return None

    day.faults.answers.insert(0, fail)
    assert away(day) == 0
    assert connections.clients == {"device-00003"}
    assert (
        f"{FLEET - 1} connections are closed, 0 were not there, 1 calls" in capsys.readouterr().out
    )


@pytest.mark.usefixtures("project")
def test_a_missing_permission_is_named_and_nobody_is_marked_as_closed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet(day)

    def deny(request: ApiRequest) -> Reply | None:
        body = b'{"message": "no", "__type": "ForbiddenException"}'
        return Reply(403, body, "application/json") if request.service == "iotdata" else None

    day.faults.answers.insert(0, deny)
    assert away(day) == 3
    shown = capsys.readouterr().out
    assert "the caller needs the IAM action iot:DeleteConnection" in shown
    assert f"{FLEET} are left" in shown


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


@pytest.mark.usefixtures("project")
def test_a_client_id_that_aws_refuses_is_named_and_left_and_the_others_are_closed(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    connections.clients.add("$hall")
    assert away(day) == 3
    assert connections.clients == {"$hall"}
    shown = capsys.readouterr().out
    assert (
        f"{FLEET} connections are closed, 0 were not there, 0 calls had no answer, 1 are left"
        in shown
    )
    assert "$hall: iot:DeleteConnection in eu-west-1: refused (InvalidRequestException" in shown


def test_refusals_in_a_row_end_the_drain_and_nothing_is_marked_as_closed(tmp_path: Path) -> None:
    calls = list[str]()

    def close(client_id: str) -> Outcome:
        calls.append(client_id)
        message = "refused"
        raise RequestRefusedError(message, "InvalidRequestException")

    paced = Paced(tmp_path / "ledger")
    with pytest.raises(RequestRefusedError):
        paced.close(1000, close)
    assert 20 <= len(calls) <= 20 + 64
