"""A probe has a limit, and there is never more than one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from functions.contract import PROBE_GRACE
from functions.probe.deadline import Deadline
from functions.probe.prober import LIMIT, Prober, ThreadedProbe
from functions.probe.result import Outcome, Result, StatusError


@dataclass
class Scripted:
    """A flight that lands after a number of seconds, of which a test decides how many pass."""

    lasts: float
    error: Exception | None = None
    waited: list[float] = field(default_factory=list[float])

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.lasts -= seconds
        return self.lasts <= 0


def leave() -> None:
    raise SystemExit


def no_probe(_deadline: Deadline) -> None:
    raise AssertionError


def prober(*flights: Scripted) -> Prober:
    to_come = iter(flights)

    def launch(_probe: Callable[[], None]) -> Scripted:
        return next(to_come)

    return Prober(no_probe, launch)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, Result(Outcome.OK)),
        (StatusError(403), Result(Outcome.FAILED, "HTTP 403")),
        (OSError("Authorization: AWS4-HMAC"), Result(Outcome.FAILED, "OSError")),
        (TimeoutError(), Result(Outcome.SLOW, "TimeoutError")),
    ],
)  # fmt: skip
def test_a_probe_that_ends_in_time_is_judged_by_its_end(
    error: Exception | None, expected: Result
) -> None:
    assert prober(Scripted(LIMIT, error))() == expected


def test_a_probe_that_is_late_is_slow_whatever_comes_of_it() -> None:
    assert prober(Scripted(LIMIT + 0.001, None))() == Result(Outcome.SLOW)


def test_while_a_probe_hangs_no_second_one_begins() -> None:
    hanging = Scripted(LIMIT + 10 * PROBE_GRACE)
    probe = prober(hanging)
    assert [probe().outcome for _ in range(5)] == [Outcome.SLOW] + 4 * [Outcome.EXPIRED]
    assert hanging.waited == [LIMIT] + 4 * [PROBE_GRACE]


def test_a_hanging_probe_is_given_time_to_end_so_that_the_next_one_can_begin() -> None:
    # Frozen between requests, it could otherwise never end, and nothing would be probed again.
    probe = prober(Scripted(LIMIT + 2.5 * PROBE_GRACE), Scripted(0.1))
    outcomes = [probe().outcome for _ in range(4)]
    assert outcomes == [Outcome.SLOW, Outcome.EXPIRED, Outcome.EXPIRED, Outcome.OK]


def test_an_answer_leaves_room_in_the_2_s_that_a_checker_waits() -> None:
    assert LIMIT + PROBE_GRACE <= 1.7


def test_a_real_probe_runs_in_a_thread_that_ends_with_it() -> None:
    ran: list[threading.Thread] = []
    assert Prober(lambda _deadline: ran.append(threading.current_thread()))().outcome == "ok"
    (thread,) = ran
    thread.join(10)
    assert not thread.is_alive()
    assert thread is not threading.main_thread()


def test_a_real_flight_that_hangs_has_not_landed_and_lands_when_let_go() -> None:
    let_go = threading.Event()
    flight = ThreadedProbe(lambda: None if let_go.wait(10) else leave())
    assert not flight.wait(0.01)
    let_go.set()
    assert flight.wait(10)
    assert flight.error is None


def test_a_thread_that_is_ended_from_within_has_not_gone_well() -> None:
    flight = ThreadedProbe(leave)
    assert flight.wait(10)
    assert Result.of(flight.error).outcome is Outcome.FAILED
