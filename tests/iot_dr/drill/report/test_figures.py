"""What is measured in a recording."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.recording import Connection, Recording
from iot_dr.drill.report.figures import figures
from iot_dr.drill.report.sample import CountOverTime, Sample
from tests.support.drill_recordings import ONE, TWO, calm, kill, never_back, silent


def of(*connections: tuple[int, str, float, float | None], devices: int = 1) -> Recording:
    """Return a recording of 300 s with nothing but these connections."""
    made = calm(devices, region=ONE)
    made.connections = [
        Connection(device=device, region=region, begin=begin, end=end)
        for device, region, begin, end in connections
    ]
    return made


def test_a_device_is_back_with_its_next_link_that_lasts_in_whatever_region() -> None:
    made = of((0, ONE, -50, 0.1), (0, ONE, 20, 24), (0, TWO, 90, None))
    assert figures(made).recovery.first == 90
    assert figures(made).link_gap.first == pytest.approx(89.9)
    assert figures(of((0, ONE, -50, 0.1), (0, ONE, 20, None))).recovery.first == 20


def test_a_link_that_was_closed_before_a_message_was_due_did_not_last() -> None:
    assert figures(of((0, ONE, -50, 1), (0, TWO, 20, 29.9))).never_back == 1
    assert figures(of((0, ONE, -50, 1), (0, TWO, 20, 30))).never_back == 0


def test_a_device_that_is_back_and_then_lost_for_good_is_stranded() -> None:
    made = figures(of((0, ONE, -50, 1), (0, TWO, 20, 90)))
    assert (made.lost, made.never_back, made.stranded) == (1, 0, 1)


def test_a_link_that_the_end_of_the_rehearsal_closed_was_not_lost() -> None:
    assert figures(of((0, ONE, -50, 300))).lost == 0
    assert figures(of((0, ONE, -50, 299))).lost == 1


def test_a_device_that_had_no_link_when_the_outage_began_counts_as_lost() -> None:
    made = figures(of((0, ONE, -50, -20), (0, TWO, 5, None), (1, ONE, -9, None), devices=2))
    assert (made.linked, made.lost, made.never_back, made.unconnected) == (1, 1, 0, 0)
    assert made.recovery.first == 5


def test_a_device_that_never_had_a_connection_counts_as_lost_and_never_back() -> None:
    made = figures(of((1, ONE, -9, None), devices=3))
    assert (made.linked, made.lost, made.never_back, made.unconnected) == (1, 2, 2, 2)


def test_devices_with_a_link_to_another_region_are_not_served_by_the_primary() -> None:
    made = of((0, ONE, -50, None), (1, TWO, -9, None), devices=2)
    assert (figures(made).linked, figures(made).served) == (2, 1)
    assert (figures(made, TWO).served, figures(made, TWO).was_elsewhere) == (1, True)


def test_a_device_that_was_back_only_when_the_outage_was_undone_outlasted_it() -> None:
    made = of((0, ONE, -50, 0.1), (0, ONE, 241, None), (1, ONE, -50, 0.1), (1, TWO, 99, None))
    assert figures(made).outlasted == 1
    assert not figures(made).is_moved
    assert figures(kill()).is_moved


def test_the_percentiles_count_devices_that_never_came() -> None:
    assert Sample.of(range(1, 100), missing=1).p99 == 99
    assert Sample.of(range(1, 100), missing=2).p99 is None
    assert Sample.of([3, 1, 2], missing=2).p50 == 3
    assert Sample.of([]).p50 is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(0, 9), st.floats(0.01, 1))
def test_a_percentile_is_the_first_second_with_enough_devices(
    seconds: list[float], missing: int, part: float
) -> None:
    sample = Sample.of(seconds, missing)
    at = sample.within(part)
    enough = part * len(sample) - 1e-6
    if at is None:
        assert len(seconds) < enough + 1
    else:
        assert sample.count(at) >= enough
        assert sum(each < at for each in seconds) < enough + 1


def test_detection_and_failover_are_the_first_after_the_outage() -> None:
    made = kill()
    made.health = [
        (-5, "early", False),
        (-2, "early", True),
        (80, "one", False),
        (81, "two", False),
    ]
    made.answers = [(-60, TWO), (-1, ONE), (92, TWO), (150, ONE)]
    result = figures(made)
    assert result.detection
    assert (result.detection.at, result.detection.name) == (80, "one")
    assert [(each.at, each.name) for each in result.moves] == [(92, TWO), (150, ONE)]
    assert result.failover == result.moves[0]


def test_the_answer_before_is_the_last_one_when_the_outage_begins() -> None:
    made = kill()
    made.answers = [(-60.0, ONE), (-30.0, TWO), (0.0, ONE), (92.0, TWO)]
    result = figures(made)
    assert result.before == ONE
    assert [each.at for each in result.moves] == [92.0]
    made.answers = [(-60.0, ONE), (-30.0, TWO)]
    assert figures(made).before == TWO


def test_without_a_failover_there_is_none() -> None:
    assert figures(calm()).failover is None
    assert figures(replace(calm(), answers=[])).failover is None


def test_the_fleet_is_counted_by_region_over_time() -> None:
    fleet = figures(kill(100)).fleet
    assert list(fleet) == [ONE, TWO]
    assert [fleet[ONE].at(time) for time in (-1, 1, 300)] == [100, 0, 0]
    assert [fleet[TWO].at(time) for time in (0, 100, 300)] == [0, 0, 100]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=30))
def test_steps_count_what_is_open_at_each_moment(spans: list[tuple[int, int]]) -> None:
    steps = CountOverTime.of(
        (begin for begin, _ in spans), (begin + length for begin, length in spans)
    )
    for time in range(-1, 102):
        assert steps.at(time) == sum(begin <= time < begin + more for begin, more in spans)
    seconds = dict(steps.each_second(0, 101))
    result = 0
    for second in range(102):
        result = seconds.get(second, result)
        assert result == steps.at(second + 1)


def test_connects_are_counted_by_second_after_the_outage() -> None:
    made = of((0, ONE, -50, 0.1), (0, TWO, 90.2, None), (1, ONE, -50, 0.1), (1, TWO, 90.9, None))
    made.attempts = {-50: 2, 0: 3, 90: 2}
    result = figures(made)
    assert (result.accepted, result.peak_accepted) == ({90: 2}, 2)
    assert (result.tried, result.peak_attempts) == ({0: 3, 90: 2}, 3)


def test_links_that_close_are_reported_from_those_that_die_without_a_word() -> None:
    assert not figures(kill()).is_silent
    assert figures(silent()).is_silent


def test_the_message_gap_lasts_until_the_first_device_is_back() -> None:
    result = figures(kill())
    assert result.message_gap == result.recovery.first
    assert figures(calm()).message_gap == 0
    assert figures(never_back()).message_gap is None
    some_kept = of((0, ONE, -50, 1), (0, TWO, 90, None), (1, TWO, -50, None), devices=2)
    assert figures(some_kept).message_gap == 0


def test_a_buffer_must_hold_the_messages_of_the_time_without_a_link() -> None:
    # 99 % are back after 165.3 s, and one message is due each 10 s.
    assert figures(kill()).messages_due == 17
    assert figures(never_back()).messages_due is None
