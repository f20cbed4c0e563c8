"""Measures replication, seeding and comparison of registries, and how each grows."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from iot_dr.cli.text import columns
from tests.simulation.comparison import ComparisonCalls, compared_calls
from tools.benchmarks.registry_carry import Carried, carried
from tools.benchmarks.registry_diff import Compared, compared
from tools.benchmarks.registry_path import Path, walked

_NOTE: Final = """
Emulators answer over HTTP, each region in a process of its own, and one request at a time: they
bound the changes a second. Seed and diff of devices are a round trip away from them, and so is the
loop. Ours also reads and writes the rows of the table, in which the source's stand as in a fleet
that runs; the loop does not, keeps all in memory, and cannot go on after an interruption. On AWS
the quotas bound both: what ours gains is to reach them. The diff of things is the command itself,
of two regions whose answers are made up, as an emulator's lists take the longer the more they hold.
The calls of a region's comparison are counted in the simulation, and its hours are those of
data.reconcile_rate, by default.
"""
_SIMULATED: Final = 100


@dataclass(frozen=True)
class Figures:
    """The measurements, each of several sizes."""

    paths: Sequence[Path]
    carried: Sequence[Carried]
    compared: Sequence[Compared]
    comparison: ComparisonCalls


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; takes about five minutes on two idle cores."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.registry",
        description="Measure how registries are kept in step, carried over and compared.",
        epilog=(
            "full size, of hours: python -m tools.benchmarks.registry --changes 1000 10000"
            " --devices 3000 30000 --things 1000 10000 100000"
        ),
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    for name, sizes, what in (
        ("--changes", (50, 100, 200), "changes that go into the other region"),
        ("--devices", (20, 40, 80), "devices that are carried over, two of three with a shadow"),
        ("--things", (250, 500, 1000), "things of each region that are compared"),
    ):
        message = f"{what}; default {' '.join(map(str, sizes))}"
        parser.add_argument(name, type=int, nargs="*", metavar="N", default=sizes, help=message)
    parser.add_argument(
        "--round-trip", type=float, default=30, metavar="MS", help="milliseconds (default 30)"
    )
    options = parser.parse_args(arguments)
    figures = Figures(
        paths=[walked(each) for each in options.changes],
        carried=[
            claim for each in options.devices for claim in carried(each, options.round_trip / 1000)
        ],
        compared=[compared(each) for each in options.things],
        comparison=compared_calls(_SIMULATED),
    )
    text = json.dumps(asdict(figures), indent=2) if options.json else _text(figures)
    sys.stdout.write(text + "\n")


def _text(figures: Figures) -> str:
    paths = [
        (f"{path.changes:,}", f"{path.rate:.1f}", f"{path.p50:.2f} s", f"{path.p99:.2f} s")
        for path in figures.paths
    ]
    carries = [
        (
            f"{carry.claim}, {carry.devices:,} devices, {carry.shadows:,} shadows",
            f"{carry.ours:.1f} s",
            f"{carry.peer:.1f} s",
            f"{carry.ratio:.1f}",
            str(carry.target),
            "yes" if carry.target.is_met_by(carry.ratio) else "no",
        )
        for carry in figures.carried
    ]
    diffs = [
        (
            f"2 x {comparison.things:,}",
            f"{comparison.seconds:.1f} s",
            f"{comparison.rate:.0f}",
            f"{comparison.megabytes:.0f}",
        )
        for comparison in figures.compared
    ]
    calls, hours = figures.comparison.calls, figures.comparison.hours
    comparison = [
        (
            *(f"{calls[service]:.1f}" for service in ("iot", "iot-data", "dynamodb")),
            *(f"{each:.1f} h" for each in hours.values()),
        )
    ]
    of_fleets = (f"{fleet:,}" for fleet in hours)
    tables = (
        (("CHANGES BOTH WAYS", "A SECOND", "LAG P50", "P99"), paths),
        (("COPY AND COMPARE", "OURS", "BOTO3 LOOP", "RATIO", "TARGET", "MET"), carries),
        (("DIFF OF THINGS", "TIME", "THINGS/S", "MB"), diffs),
        (("REGISTRY CALLS A DEVICE", "SHADOW", "TABLE", *of_fleets), comparison),
    )
    return "\n\n".join(
        [*(columns([head, *rows], numbers=True) for head, rows in tables if rows), _NOTE.strip()]
    )


if __name__ == "__main__":
    main()
