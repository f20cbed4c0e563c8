"""The points of an apply between two changes."""

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.route53.apply_order import apply_points

NAMES = "abcde"


def points(changed: str, **depends_on: str) -> set[str]:
    return {"".join(sorted(point)) for point in apply_points(changed, depends_on)}


def test_without_dependencies_any_set_of_changes_may_be_done() -> None:
    assert points("ab") == {"", "a", "b", "ab"}


def test_a_change_waits_for_those_that_it_depends_on() -> None:
    assert points("abc", b="a", c="b") == {"", "a", "ab", "abc"}


def test_it_waits_through_resources_that_do_not_change() -> None:
    assert points("ac", b="a", c="b") == {"", "a", "ac"}


def test_a_cycle_ends() -> None:
    assert points("ab", a="b", b="a") == {""}


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))),
    st.sets(st.sampled_from(NAMES)),
)
def test_each_point_has_everything_that_its_changes_depend_on(
    depends_on: dict[str, set[str]], changed: set[str]
) -> None:
    seen = list(apply_points(changed, depends_on))
    assert len(seen) == len(set(seen))
    assert seen[0] == frozenset()
    for point in seen:
        assert point <= changed
        for name in point:
            assert depends_on.get(name, set()) & changed <= point
