"""Measures synthesis: compared with stock bindings and with the engine's floor, and its growth."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from iot_dr.cli.text import columns
from tools.benchmarks.bindings import MODES, cold, warm
from tools.benchmarks.environment_files import project_in
from tools.benchmarks.growth import TARGET, Growth, growth, resources
from tools.benchmarks.interleave import interleave, least, median
from tools.benchmarks.process_tree import CommandError, Run, measure
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; a stock run takes 10 to 30 s and 1.2 GB of memory."""
    options = _parser().parse_args(arguments)
    try:
        comparisons, sizes = _measure(options.rounds)
    except CommandError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write((_json if options.json else _text)(comparisons, sizes) + "\n")


def _measure(rounds: int) -> tuple[list[Comparison], list[Growth]]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        synthesis = Synthesis(folder, project_in(folder))
        comparisons: list[Comparison] = []
        for compare in (warm_start, above_floor, cold_start):
            sys.stderr.write(f"{compare.__name__.replace('_', ' ')}\n")
            comparisons += compare(synthesis, rounds)
        sys.stderr.write("growth\n")
        return comparisons, growth(folder, rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.synth",
        description="Measure synthesis, stock bindings and the engine's floor.",
        epilog="example: python -m tools.benchmarks.synth --rounds 5 --json > synth.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument(
        "--rounds",
        type=_positive,
        default=3,
        metavar="N",
        help="runs of each case, five times as many for the floor (default 3, about 8 minutes)",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _json(comparisons: list[Comparison], sizes: list[Growth]) -> str:
    return json.dumps(
        {
            "comparisons": [dataclasses.asdict(each) for each in comparisons],
            "growth": [{**dataclasses.asdict(each), "ratio": each.ratio} for each in sizes],
        },
        indent=2,
    )


def _text(comparisons: list[Comparison], sizes: list[Growth]) -> str:
    head = (
        "CLAIM",
        "SETTINGS",
        "RESOURCES",
        "OURS s",
        "MB",
        "PEER s",
        "MB",
        "RATIO",
        "TARGET",
        "MET",
    )
    rows = [
        (
            comparison.claim,
            comparison.settings,
            str(comparison.resources),
            f"{comparison.ours.seconds:.2f}",
            f"{comparison.ours.megabytes:.0f}",
            f"{comparison.peer.seconds:.2f}",
            f"{comparison.peer.megabytes:.0f}",
            f"{comparison.ratio:.2f}",
            str(comparison.target),
            "yes" if comparison.target.is_met_by(comparison.ratio) else "no",
        )
        for comparison in comparisons
    ]
    return f"{columns([head, *rows], numbers=True)}\n\n{_growth(sizes)}"


def _growth(sizes: list[Growth]) -> str:
    head = (
        *("GROWTH", "RESOURCES", "OURS s", "MB", "ms/RES", "STOCK s", "MB", "ms/RES"),
        *("RATIO", "TARGET", "MET"),
    )
    rows = [
        (
            *(size.size, str(size.resources), f"{size.fast.seconds:.2f}"),
            *(f"{size.fast.megabytes:.0f}", _figure(size.fast_ms), f"{size.stock.seconds:.2f}"),
            *(f"{size.stock.megabytes:.0f}", _figure(size.stock_ms), *_judged(size.ratio)),
        )
        for size in sizes
    ]
    return columns([head, *rows], numbers=True)


def _judged(ratio: float | None) -> tuple[str, str, str]:
    if ratio is None:
        return "-", "-", "-"
    return f"{ratio:.2f}", str(TARGET), "yes" if TARGET.is_met_by(ratio) else "no"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    main()
