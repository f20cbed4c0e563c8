"""Measures synthesis: compared with stock bindings and with the engine's floor, and its growth."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from iot_dr.cli.text import columns
from tools.benchmarks.comparison import Comparison, Synthesis, above_floor, cold_start, warm_start
from tools.benchmarks.environment_files import project_in
from tools.benchmarks.growth import TARGET, Growth, growth
from tools.benchmarks.process_tree import CommandError


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
