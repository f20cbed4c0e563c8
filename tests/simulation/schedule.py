"""Random schedules of what users and regions do, and the shortest part of one that fails."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.simulation.operations import CERTIFICATES, FAMILIES, operation
from tests.simulation.world import REGIONS

Step = tuple[Any, ...]
"""The name of a step, and its arguments."""
_FURNISHED = 0.85
_SKEWS = (0, 0, 60_000, -60_000)
_SHRINKING = 8
"""With so many interleavings a sequence of steps is tried before it counts as one that holds."""
_FAULTS = (("cut", 0.2), ("down", 0.05), ("heal", 0.15), ("compare", 0.05), ("days", 0.02),
           ("quarter", 0.02))  # fmt: skip


def schedule(seed: int, region_count: int, *, upgrade: str = "") -> list[Step]:
    """Return the steps that a seed chooses for so many regions.

    `upgrade` is "forwards" or "backwards": each region gets its new code during the schedule, in
    the order of the regions or against it.
    """
    chooser, regions = random.Random(seed), REGIONS[:region_count]  # noqa: S311 - no secret
    family = list(FAMILIES)[seed % len(FAMILIES)]
    steps: list[Step] = []
    if chooser.random() < _FURNISHED:
        steps.append(("furnish", regions[0], chooser.choice((1, 1, 2))))
    steps += [("clock", region, chooser.choice(_SKEWS)) for region in regions]
    for _ in range(chooser.randint(6, 14)):
        steps.append(("do", operation(chooser, chooser.choice(regions), family)))
        steps += _happenings(chooser, regions)
        steps.append(("run", chooser.choice((0, 3, 10, 30, 100))))
    if upgrade:
        order = regions if upgrade == "forwards" else regions[::-1]
        places = sorted(chooser.sample(range(len(steps)), len(regions)), reverse=True)
        for place, region in zip(places, order[::-1], strict=True):
            steps.insert(place, ("upgrade", region))
    steps.append(("settle",))
    for _ in range(2):
        steps.append(("quiet", operation(chooser, chooser.choice(regions), family)))
    both = chooser.sample(regions, 2)
    return [*steps, ("duel", *(operation(chooser, region, family) for region in both))]


def _happenings(chooser: random.Random, regions: Sequence[str]) -> Iterator[Step]:
    for name, chance in _FAULTS:
        if chooser.random() < chance:
            count = {"cut": 2, "down": 1, "compare": 1}.get(name, 0)
            yield (name, *chooser.sample(regions, count))


def described(step: Step) -> str:
    """Return a step as one line."""
    text = " ".join(map(str, step))
    for number, (_, name) in enumerate(CERTIFICATES):
        text = text.replace(name, f"certificate {number}")
    return text


def shortest(
    steps: list[Step], fails: Callable[[list[Step], int], bool], seed: int
) -> tuple[list[Step], int]:
    """Leave out steps until none is superfluous; return the rest, and the seed with which it fails.

    Without a step the interleaving is another one, so some seeds are tried.
    """
    size = max(1, len(steps) // 2)
    while size:
        place, count = 0, len(steps)
        while place < len(steps):
            part = steps[place : place + size]
            # Without it, what is lost before a quiet change would be taken for a consequence of it.
            kept = [step for step in part if step == ("settle",)]
            if kept == part:
                place += size
                continue
            rest = [*steps[:place], *kept, *steps[place + size :]]
            seeds = [seed + number * 1_000_003 for number in range(_SHRINKING)]
            failing = next((each for each in seeds if fails(rest, each)), None)
            if failing is None:
                place += size
            else:
                steps, seed = rest, failing
        if size > 1 or len(steps) == count:
            size //= 2
    return steps, seed
