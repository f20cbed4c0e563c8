"""`iot-dr synth` beside the same command on stock bindings, and beside the engine's floor."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.bindings import cold, warm
from benchmarks.interleave import interleave, least, median
from benchmarks.process_tree import Run, measure
from benchmarks.target import Target

_FLOOR = "import sys, iot_dr, cdktf; cdktf.App(outdir=sys.argv[1]).synth()"
# A round without stock bindings takes a second, and its ratio needs more of them to be steady.
_ROUNDS_ABOVE_FLOOR = 5

# The claims of this project: times faster, part of the memory, times the floor.
_WARM = Target(14)
_MEMORY = Target(0.25, is_upper=True)
_ABOVE_FLOOR = Target(2, is_upper=True)
_COLD = Target(3)


@dataclass(frozen=True)
class Comparison:
    """A claim: ours beside a peer that was measured in the same rounds."""

    claim: str
    ours: Run
    peer: Run
    ratio: float
    target: Target


def warm_start(folder: Path, rounds: int) -> list[Comparison]:
    """Compare with stock bindings, with full caches, which a first unmeasured round fills."""
    cases: dict[str, Callable[[], Run]] = {
        "ours, warm": partial(measure, _synth(folder), warm("fast")),
        "stock, warm": partial(measure, _synth(folder), warm("stock")),
    }
    for case in cases.values():
        case()
    ours, stock = map(median, interleave(cases, rounds).values())
    time = stock.seconds / ours.seconds
    memory = ours.megabytes / stock.megabytes
    return [
        Comparison("stock / ours, warm, time", ours, stock, time, _WARM),
        Comparison("ours / stock, warm, memory", ours, stock, memory, _MEMORY),
    ]


def above_floor(folder: Path, rounds: int) -> list[Comparison]:
    """Compare with the import of cdktf and an empty app, in five times the rounds: median, least.

    Where other programs disturb the machine, the least time of each says more than the median.
    """
    cases: dict[str, Callable[[], Run]] = {
        "ours": partial(measure, _synth(folder), warm("fast")),
        "floor": partial(measure, _floor(folder), warm("fast")),
    }
    for case in cases.values():
        case()
    runs = interleave(cases, _ROUNDS_ABOVE_FLOOR * rounds)
    return [
        _above_floor(f"ours / floor, time, {choose.__name__}", *map(choose, runs.values()))
        for choose in (median, least)
    ]


def _above_floor(claim: str, ours: Run, floor: Run) -> Comparison:
    return Comparison(claim, ours, floor, ours.seconds / floor.seconds, _ABOVE_FLOOR)


def cold_start(folder: Path, rounds: int) -> list[Comparison]:
    """Compare with an empty jsii cache and without .pyc files."""
    cases: dict[str, Callable[[], Run]] = {
        "ours, cold": partial(_measure_cold, folder, "fast"),
        "stock, cold": partial(_measure_cold, folder, "stock"),
    }
    ours, stock = map(median, interleave(cases, rounds).values())
    time = stock.seconds / ours.seconds
    return [Comparison("stock / ours, cold, time", ours, stock, time, _COLD)]


def _measure_cold(folder: Path, mode: str) -> Run:
    with cold(mode) as environ:
        return measure(_synth(folder), environ)


def _synth(folder: Path) -> list[str]:
    command = Path(sys.executable).with_name("iot-dr")
    return [str(command), "synth", "--env", "dev", "--out", str(folder / "out")]


def _floor(folder: Path) -> list[str]:
    return [sys.executable, "-c", _FLOOR, str(folder / "floor")]
