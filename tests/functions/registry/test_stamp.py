"""Stamps, and the clock that makes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.registry.stamp import HybridClock, HybridStamp, StampError

stamps = st.builds(
    HybridStamp, st.integers(0, 10**15 - 1), st.integers(0, 10**6 - 1),
    st.sampled_from(["eu-west-1", "eu-central-1", "ap-southeast-10"]),
)  # fmt: skip
NOW = 1_800_000_000_000


def clock(now: int = NOW) -> HybridClock:
    return HybridClock("eu-west-1", lambda: now)


@given(stamps, stamps)
def test_their_texts_sort_as_they_do(one: HybridStamp, other: HybridStamp) -> None:
    assert (str(one) < str(other)) == (one < other)
    assert HybridStamp.parse(str(one)) == one


@pytest.mark.parametrize(
    "text", ["", "1.0.eu-west-1", f"{0:015d}.{0:06d}.", f"{0:015d}.{0:06d}.EU", "x" * 40]
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(StampError):
        HybridStamp.parse(text)


@pytest.mark.parametrize(("milliseconds", "counter"), [(-1, 0), (10**15, 0), (0, -1), (0, 10**6)])
def test_numbers_that_the_text_has_no_room_for_are_refused(milliseconds: int, counter: int) -> None:
    with pytest.raises(StampError):
        HybridStamp(milliseconds, counter, "eu-west-1")


@given(
    st.none() | st.integers(0, 2 * NOW), st.lists(stamps.filter(lambda s: s.counter < 10**6 - 1))
)
def test_a_new_stamp_is_later_than_all_that_the_change_came_after(
    event: int | None, after: list[HybridStamp]
) -> None:
    stamp = clock().next(event, after)
    assert all(stamp > each for each in after)
    assert stamp.milliseconds <= max(NOW, *(each.milliseconds for each in after), NOW)
    assert stamp.region == "eu-west-1"


def test_a_change_is_stamped_at_its_event() -> None:
    assert clock().next(NOW - 500, []) == HybridStamp(NOW - 500, 0, "eu-west-1")


def test_an_event_older_than_what_is_known_says_nothing_of_when_the_change_was() -> None:
    known = HybridStamp(NOW - 400, 3, "eu-central-1")
    assert clock().next(NOW - 500, [known]) == HybridStamp(NOW, 0, "eu-west-1")


def test_a_change_whose_time_is_reported_comes_one_tick_after_what_it_was_made_over() -> None:
    known = HybridStamp(NOW - 400, 3, "eu-central-1")
    assert clock().at(NOW - 500, [known]) == HybridStamp(NOW - 400, 4, "eu-west-1")
    assert clock().at(NOW - 300, [known]) == HybridStamp(NOW - 300, 0, "eu-west-1")
    assert clock().at(NOW + 500, [known]) == HybridStamp(NOW, 0, "eu-west-1")


def test_an_event_of_a_clock_that_is_ahead_does_not_lead_into_the_future() -> None:
    assert clock().next(NOW + 60_000, []) == HybridStamp(NOW, 0, "eu-west-1")


def test_a_clock_that_is_behind_what_is_known_counts_on() -> None:
    ahead = HybridStamp(NOW + 60_000, 7, "eu-central-1")
    assert clock().next(None, [ahead]) == HybridStamp(NOW + 60_000, 8, "eu-west-1")
    last = HybridStamp(NOW + 60_000, 10**6 - 1, "eu-central-1")
    assert clock().next(None, [last]) == HybridStamp(NOW + 60_001, 0, "eu-west-1")
