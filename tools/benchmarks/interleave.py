"""Rounds over several cases, so that noise of the machine affects all of them."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence

from tools.benchmarks.process_tree import Run


def interleave(cases: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Run every case once per round and return all runs; progress goes to stderr.

    Every other round is reversed, so that no case always follows the same one.
    """
    runs: dict[str, list[Run]] = {name: [] for name in cases}
    for number in range(rounds):
        for name in list(cases)[:: -1 if number % 2 else 1]:
            run = cases[name]()
            runs[name].append(run)
            sys.stderr.write(
                f"  round {number + 1} of {rounds}: {name}: "
                f"{run.seconds:.2f} s, {run.megabytes:.0f} MB\n"
            )
    return runs


def median(runs: Sequence[Run]) -> Run:
    """Return the median of the times and of the memory."""
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.megabytes for run in runs),
    )


def least(runs: Sequence[Run]) -> Run:
    """Return the minimum of each: a run without disturbance."""
    return Run(min(run.seconds for run in runs), min(run.megabytes for run in runs))
