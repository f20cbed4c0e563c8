from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.waiting import PollLimits, WaitTimeoutError, wait_until


class Clock:
    now = 0.0

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def patience(self, limit: float) -> PollLimits:
        return PollLimits(limit=limit, interval=15.0, clock=lambda: self.now, pause=self.pause)


def polls(problems: Iterator[str]) -> Callable[[], str]:
    return lambda: next(problems)


def silent(_seconds: float, _missing: str) -> None:
    pass


def test_an_immediate_success_takes_no_time() -> None:
    assert wait_until(polls(iter([""])), Clock().patience(0), silent) == 0.0


def test_each_poll_is_reported_with_the_seconds_since_the_start() -> None:
    reported: list[tuple[float, str]] = []

    def show(seconds: float, missing: str) -> None:
        reported.append((seconds, missing))

    problems = iter(["a", "", "b", "", ""])
    assert wait_until(polls(problems), Clock().patience(900), show, in_a_row=2) == 60.0
    once = "seen 1 of 2 times in a row"
    assert reported == [(0.0, "a"), (15.0, once), (30.0, "b"), (45.0, once)]


def test_the_timeout_error_names_what_is_missing() -> None:
    with pytest.raises(WaitTimeoutError, match="not within 2 minutes: no answer"):
        wait_until(lambda: "no answer", Clock().patience(120), silent)


def test_the_timeout_error_counts_successes_in_a_row() -> None:
    with pytest.raises(WaitTimeoutError, match="not within 0 minutes: seen 1 of 2 times in a row"):
        wait_until(lambda: "", Clock().patience(0), silent, in_a_row=2)


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 4), st.floats(0, 600))
def test_it_ends_at_the_first_run_of_successes_or_at_the_limit(
    successes: list[bool], in_a_row: int, limit: float
) -> None:
    clock = Clock()
    problems = iter([*("" if each else "missing" for each in successes), *["missing"] * 50])
    runs = [all(successes[at : at + in_a_row]) for at in range(len(successes) - in_a_row + 1)]
    ends = runs.index(True) + in_a_row - 1 if True in runs else None
    if ends is not None and ends * 15.0 <= limit:
        assert wait_until(polls(problems), clock.patience(limit), silent, in_a_row=in_a_row) == (
            ends * 15.0
        )
    else:
        with pytest.raises(WaitTimeoutError):
            wait_until(polls(problems), clock.patience(limit), silent, in_a_row=in_a_row)
    assert clock.now <= limit
