"""`iot-dr synth` compared with stock bindings, and with the engine's floor."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tools.benchmarks.bindings import MODES, cold, warm
from tools.benchmarks.growth import resources
from tools.benchmarks.interleave import interleave, least, median
from tools.benchmarks.process_tree import Run, measure
from tools.benchmarks.target import Target

_FLOOR = "import sys, iot_dr, cdktf; cdktf.App(outdir=sys.argv[1]).synth()"
# A round without stock bindings takes a second, and a stable ratio needs more of them.
_ROUNDS_ABOVE_FLOOR = 5

# Targets: times faster than stock, share of its memory, multiple of the floor.
_WARM: Final = {"core": Target(15), "full": Target(10)}
_MEMORY = Target(0.25, is_upper=True)
_ABOVE_FLOOR = Target(2, is_upper=True)
_COLD = Target(3)


@dataclass(frozen=True)
class Comparison:
    """Medians of ours and of a peer from the same rounds, for one of the benchmarks' settings."""

    claim: str
    settings: str
    resources: int
    """Resources of the settings' stacks."""
    ours: Run
    peer: Run
    ratio: float
    target: Target


@dataclass(frozen=True)
class Synthesis:
    """The commands to measure: they write below `folder`; `path` has the project's variables."""

    folder: Path
    path: dict[str, str]

    def run(self, settings: str, environ: Mapping[str, str]) -> Run:
        """Measure `iot-dr synth` of `core` or `full`."""
        command = Path(sys.executable).with_name("iot-dr")
        return measure(
            [str(command), "synth", "--env", settings, "--out", str(self._out(settings))],
            {**environ, **self.path},
        )

    def cold(self, settings: str, mode: str) -> Run:
        """Measure the same with an empty jsii cache and without .pyc files."""
        with cold(mode) as environ:
            return self.run(settings, environ)

    def floor(self) -> Run:
        """Measure the import of cdktf and an empty app."""
        return measure([sys.executable, "-c", _FLOOR, str(self.folder / "floor")], warm("fast"))

    def comparison(
        self, settings: str, sides: tuple[Run, Run], claim: str, ratio: float, target: Target
    ) -> Comparison:
        """Return the claim with the number of resources of the settings' last synthesis."""
        count = resources(self._out(settings))
        return Comparison(claim, settings, count, *sides, ratio, target)

    def _out(self, settings: str) -> Path:
        return self.folder / settings


def warm_start(synthesis: Synthesis, rounds: int) -> list[Comparison]:
    """Compare with stock bindings, with full caches, which a first unmeasured round fills."""
    cases: dict[str, Callable[[], Run]] = {
        f"{mode}, {settings}": partial(synthesis.run, settings, warm(mode))
        for settings in _WARM
        for mode in MODES
    }
    for case in cases.values():
        case()
    runs = {case: median(taken) for case, taken in interleave(cases, rounds).items()}
    comparisons: list[Comparison] = []
    for settings, target in _WARM.items():
        sides = ours, stock = runs[f"fast, {settings}"], runs[f"stock, {settings}"]
        compared = partial(synthesis.comparison, settings, sides)
        comparisons += [
            compared("stock / ours, warm, time", stock.seconds / ours.seconds, target),
            compared("ours / stock, warm, memory", ours.megabytes / stock.megabytes, _MEMORY),
        ]
    return comparisons


def above_floor(synthesis: Synthesis, rounds: int) -> list[Comparison]:
    """Compare the core with an empty app, in five times as many rounds: median and minimum.

    On a busy machine the minimum says more than the median.
    """
    cases: dict[str, Callable[[], Run]] = {
        "fast, core": partial(synthesis.run, "core", warm("fast")),
        "floor": synthesis.floor,
    }
    for case in cases.values():
        case()
    runs = interleave(cases, _ROUNDS_ABOVE_FLOOR * rounds)
    comparisons: list[Comparison] = []
    for choose in (median, least):
        sides = ours, floor = choose(runs["fast, core"]), choose(runs["floor"])
        claim, ratio = f"ours / floor, time, {choose.__name__}", ours.seconds / floor.seconds
        comparisons.append(synthesis.comparison("core", sides, claim, ratio, _ABOVE_FLOOR))
    return comparisons


def cold_start(synthesis: Synthesis, rounds: int) -> list[Comparison]:
    """Compare the core with stock bindings, both with empty caches."""
    cases: dict[str, Callable[[], Run]] = {
        f"{mode}, core, cold": partial(synthesis.cold, "core", mode) for mode in MODES
    }
    runs = interleave(cases, rounds)
    sides = ours, stock = median(runs["fast, core, cold"]), median(runs["stock, core, cold"])
    ratio = stock.seconds / ours.seconds
    return [synthesis.comparison("core", sides, "stock / ours, cold, time", ratio, _COLD)]
