"""Ages are never too small, whatever the clocks of a frozen machine do."""

from hypothesis import given
from hypothesis import strategies as st

from functions.probe.clock import Clock
from tests.functions.world import Time


def test_time_counts_when_only_the_wall_clock_saw_the_freeze() -> None:
    monotonic, wall = Time(), Time()
    clock = Clock([monotonic.now, wall.now])
    wall.pass_(600)
    assert clock.now() == 600


def test_time_counts_when_the_wall_clock_was_set_back_concurrently() -> None:
    monotonic, wall = Time(), Time()
    clock = Clock([monotonic.now, wall.now])
    monotonic.pass_(7)
    wall.pass_(-3600)
    assert clock.now() == 7
    wall.pass_(2)
    assert clock.now() == 9


@given(steps=st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e6, 1e6))))
def test_it_never_goes_back_and_is_never_behind_the_steady_clock(
    steps: list[tuple[float, float]],
) -> None:
    steady, wall = Time(), Time()
    clock = Clock([steady.now, wall.now])
    before = clock.now()
    for one, other in steps:
        last = steady.now()
        steady.pass_(one)
        wall.pass_(other)
        now = clock.now()
        assert now - before >= (steady.now() - last) - 1e-6
        before = now


def test_the_machines_own_clocks_can_be_read() -> None:
    clock = Clock()
    assert 0 <= clock.now() <= clock.now()
