"""Schedules by their seeds, and the report of one that fails."""

import functools

from tests.simulation.code import Code
from tests.simulation.run import execute
from tests.simulation.schedule import described, schedule, shortest

_COUNTS = (2, 3, 2, 4, 3, 2, 3, 5)
"""The numbers of regions of schedules, one after the other."""


def region_count(seed: int) -> int:
    """Return of how many regions the schedule of a seed is."""
    return _COUNTS[seed % len(_COUNTS)]


@functools.cache
def current_code() -> Code:
    """Return the functions as they are."""
    return Code()


def holds(seed: int, code: Code) -> bool:
    """Whether everything holds after the schedule of a seed."""
    count = region_count(seed)
    return not execute(schedule(seed, count), seed, [code] * count)


def report(seed: int, *, older: Code | None = None, upgrade: str = "") -> str:
    """Return why the schedule of a seed fails, with the shortest sequence; empty if it holds.

    With `upgrade` all regions begin with the older code (see `schedule`).
    """
    count, newer = region_count(seed), current_code()
    codes = [older or newer] * count
    steps = schedule(seed, count, upgrade=upgrade)
    problems = execute(steps, seed, codes, newer)
    if not problems:
        return ""
    part, interleaving = shortest(
        steps, lambda part, number: bool(execute(part, number, codes, newer)), seed
    )
    shown = execute(part, interleaving, codes, newer)
    return "\n".join([
        f"seed {seed} with {count} regions{upgrade and f', upgraded {upgrade}'}: {problems[0]}",
        f"  the shortest sequence, with interleaving {interleaving}:",
        *(f"    {described(step)}" for step in part),
        *(f"  {problem}" for problem in shown[:3]),
    ])  # fmt: skip
