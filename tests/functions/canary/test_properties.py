"""Whatever happens, 200 means that a message went through a moment ago."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import event, given
from hypothesis import strategies as st

from functions.canary.canary import Canary
from functions.contract import PROBE_GRACE
from functions.probe.deadline import Deadline
from functions.probe.prober import LIMIT, Prober
from tests.functions.world import Log, Time


@dataclass
class Flight:
    """A probe that needs some seconds of running time; frozen between requests, it gets none."""

    time: Time
    needs: float
    error: Exception | None
    began: float
    is_late: bool = False

    def wait(self, seconds: float) -> bool:
        passed = min(seconds, self.needs)
        self.time.pass_(passed)
        self.needs -= passed
        wait = self.needs <= 0
        self.is_late = self.is_late or not wait
        return wait

    @property
    def is_success(self) -> bool:
        return self.needs <= 0 and self.error is None and not self.is_late


@dataclass(frozen=True)
class Step:
    """Time that passes, what a probe needs that begins then, and whether it goes well."""

    pause: float
    needs: float
    goes_well: bool


STEPS = st.lists(
    st.builds(
        Step,
        pause=st.sampled_from([0.0, 0.5, 1.0, 4.9, 5.0, 5.1, 30.0]) | st.floats(0, 12),
        needs=st.sampled_from([0.0, 0.05, LIMIT, LIMIT + 0.1, LIMIT + 2, 60.0]) | st.floats(0, 5),
        goes_well=st.booleans() | st.just(True),
    ),
    max_size=40,
)


def play(steps: list[Step], interval: float) -> list[tuple[float, int, float, list[Flight]]]:
    """Return for each request its end, its status, how long it took, and the flights until then."""
    time, flights, answers = Time(), list[Flight](), list[tuple[float, int, float, list[Flight]]]()
    step = Step(0, 0, goes_well=True)

    def launch(_probe: Callable[[], None]) -> Flight:
        error = None if step.goes_well else OSError()
        flights.append(Flight(time, step.needs, error, time.now()))
        return flights[-1]

    def no_probe(_deadline: Deadline) -> None:
        raise AssertionError

    canary = Canary(Prober(no_probe, launch), interval, time.now, Log().metrics())
    for step in steps:
        time.pass_(step.pause)
        began = time.now()
        answer = canary.respond()
        json.loads(answer["body"])
        answers.append((time.now(), answer["statusCode"], time.now() - began, list(flights)))
    return answers


@given(steps=STEPS, interval=st.sampled_from([3, 10, 30]))
def test_200_is_answered_only_when_a_probe_succeeded_a_moment_ago(
    steps: list[Step], interval: float
) -> None:
    for now, status, _, flights in play(steps, interval):
        recent = any(
            flight.is_success and now - flight.began <= min(interval, 5) + 1e-9
            for flight in flights
        )
        event(f"{status}, recent success: {recent}")
        assert status == (200 if recent and flights[-1].is_success else 503)


@given(steps=STEPS)
def test_an_answer_comes_within_2_s_whatever_hangs(steps: list[Step]) -> None:
    assert all(took <= LIMIT + PROBE_GRACE + 1e-9 < 2 for _, _, took, _ in play(steps, 30))


@given(steps=STEPS)
def test_a_region_that_is_well_again_is_answered_with_200_after_what_hung_has_ended(
    steps: list[Step],
) -> None:
    well = Step(pause=10, needs=0.05, goes_well=True)
    longest = sum(step.needs for step in steps)
    recovery = [well] * (2 + int(longest / PROBE_GRACE))
    assert play([*steps, *recovery], 30)[-1][1] == 200
