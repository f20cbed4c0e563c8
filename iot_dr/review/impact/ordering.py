"""The order in which stacks are told: that in which they go, whatever order they came in."""

from collections.abc import Iterable, Mapping, Sequence

from environments.settings import Settings
from iot_dr.review.read.stack_review import StackReview
from stacks.platform_graph import platform_graph


def ordered(
    stacks: Iterable[StackReview], upstream: Mapping[str, set[str]], settings: Settings | None
) -> tuple[StackReview, ...]:
    """Put stacks into the order of the environment's graph.

    Others follow those that they read or wait for, the primary's first, then by name.
    """
    names = [node.name for node in platform_graph(settings).nodes] if settings else []
    places = {name: number for number, name in enumerate(names)}
    by_name = sorted(stacks, key=lambda each: each.name)
    waves = _waves(by_name, upstream)
    return tuple(
        sorted(
            by_name,
            key=lambda each: (
                places.get(each.name, len(places)),
                waves[each.name],
                each.role != "primary",
                each.name,
            ),
        )
    )


def _waves(stacks: Sequence[StackReview], upstream: Mapping[str, set[str]]) -> dict[str, int]:
    """Number each stack's wave; those that wait for each other come last, together."""
    names = {each.name for each in stacks}
    needs = {
        each.name: (upstream.get(each.name, set()) | set(each.waits_for)) & names - {each.name}
        for each in stacks
    }
    waves: dict[str, int] = {}
    wave = 0
    while left := [name for name in needs if name not in waves]:
        ready = [name for name in left if needs[name] <= waves.keys()]
        waves.update(dict.fromkeys(ready or left, wave))
        wave += 1
    return waves
