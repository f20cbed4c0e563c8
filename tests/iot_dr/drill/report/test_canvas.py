"""A path of few points that hides nothing."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.report.page.canvas import Scale, area, stepped

WIDTH = 50
X = Scale(0, 100, 0, WIDTH)
Y = Scale(0, 1000, 100, 0)

steps = st.lists(st.tuples(st.floats(0, 100), st.integers(0, 1000)), min_size=1, max_size=400).map(
    sorted
)


def corners(way: str) -> list[tuple[float, float]]:
    """Return the corners of a path of M, H and V."""
    x = y = 0.0
    drawn: list[tuple[float, float]] = []
    for letter, numbers in re.findall(r"([MHV])([-\d.e ]+)", way):
        values = [float(each) for each in numbers.split()]
        if letter == "M":
            x, y = values
        elif letter == "H":
            (x,) = values
        else:
            (y,) = values
        drawn.append((x, y))
    return drawn


@given(steps)
def test_a_path_goes_right_and_touches_the_least_and_the_most(
    points: list[tuple[float, int]],
) -> None:
    times, counts = zip(*points, strict=True)
    drawn = corners(stepped(times, counts, X, Y, 100))
    assert all(before[0] <= after[0] for before, after in pairwise(drawn))
    heights = [height for _, height in drawn]
    assert min(heights) == round(Y(max(counts)), 1)
    assert max(heights) == round(Y(min(counts)), 1)
    assert drawn[-1] == (WIDTH, round(Y(counts[-1]), 1))


@given(steps)
def test_a_path_has_few_points_whatever_it_is_made_of(points: list[tuple[float, int]]) -> None:
    times, counts = zip(*points, strict=True)
    # Two places a pixel, at each of which a pen goes right once and turns three times at most.
    assert len(corners(stepped(times, counts, X, Y, 100))) <= 2 + 4 * (2 * WIDTH + 1)


def test_no_steps_are_not_a_path() -> None:
    assert not stepped([], [], X, Y, 100)
    assert not area("", 0, 0)


@given(st.integers(-100, 100_000), st.integers(1, 100_000), st.integers(10, 200))
def test_the_seconds_of_an_axis_are_round_apart_and_on_it(
    low: int, length: int, apart: int
) -> None:
    scale = Scale(low, low + length, 40, 712)
    ticks = list(scale.second_ticks(apart))
    assert all(low <= each <= low + length for each in ticks)
    assert all(scale(two) - scale(one) >= apart * 0.999 for one, two in pairwise(ticks))
