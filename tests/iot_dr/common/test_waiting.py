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


def looks(told: Iterator[str]) -> Callable[[], str]:
    return lambda: next(told)


def silent(_seconds: float, _missing: str) -> None:
    pass


def test_what_is_there_at_once_takes_no_time() -> None:
    assert wait_until(looks(iter([""])), Clock().patience(0), silent) == 0.0


def test_each_look_is_reported_with_the_seconds_since_the_begin() -> None:
    told: list[tuple[float, str]] = []

    def tell(seconds: float, missing: str) -> None:
        told.append((seconds, missing))

    found = iter(["a", "", "b", "", ""])
    assert wait_until(looks(found), Clock().patience(900), tell, in_a_row=2) == 60.0
    once = "seen 1 of 2 times in a row"
    assert told == [(0.0, "a"), (15.0, once), (30.0, "b"), (45.0, once)]


def test_too_late_says_what_is_missing() -> None:
    with pytest.raises(WaitTimeoutError, match="not within 2 minutes: no answer"):
        wait_until(lambda: "no answer", Clock().patience(120), silent)


def test_too_late_for_a_row_says_how_far_it_was() -> None:
    with pytest.raises(WaitTimeoutError, match="not within 0 minutes: seen 1 of 2 times in a row"):
        wait_until(lambda: "", Clock().patience(0), silent, in_a_row=2)


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 4), st.floats(0, 600))
def test_it_ends_at_the_first_run_of_successes_or_at_the_limit(
    found: list[bool], in_a_row: int, limit: float
) -> None:
    clock = Clock()
    told = iter([*("" if each else "missing" for each in found), *["missing"] * 50])
    runs = [all(found[at : at + in_a_row]) for at in range(len(found) - in_a_row + 1)]
    ends = runs.index(True) + in_a_row - 1 if True in runs else None
    if ends is not None and ends * 15.0 <= limit:
        assert wait_until(looks(told), clock.patience(limit), silent, in_a_row=in_a_row) == (
            ends * 15.0
        )
    else:
        with pytest.raises(WaitTimeoutError):
            wait_until(looks(told), clock.patience(limit), silent, in_a_row=in_a_row)
    assert clock.now <= limit
