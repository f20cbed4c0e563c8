"""Measures the fleet simulation from ten thousand devices on, compared with a plain event loop."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, isinf

from iot_dr.cli.text import columns
from tools.benchmarks.simulate_once import Once
from tools.benchmarks.target import Target

_DEVICES = (10_000, 100_000, 1_000_000, 10_000_000)
_RATE = 3_000.0
_LOOP_DEVICES = 10_000
_LOOP_RATES = (inf, 100.0)
"""3,000 a second hardly throttles ten thousand devices: 100 a second throttles them as long as
3,000 a second throttles 300,000."""

_GOAL_DEVICES = 10_000_000
_SECONDS = Target(20, is_upper=True)
_MEGABYTES = Target(400, is_upper=True)
_TIMES = Target(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A fleet at a connect rate (None: no limit), simulated by us or by the loop."""

    what: str
    devices: int
    rate: float | None
    once: Once


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; takes about half a minute on two idle cores."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.simulate",
        description="Measure the fleet simulation, and a process for each device to compare.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="runs of each case")
    parser.add_argument(
        "--devices", type=int, nargs="*", default=_DEVICES, metavar="N", help="sizes of fleets"
    )
    options = parser.parse_args(arguments)
    measured = [
        _measured("ours", devices, rate, options.rounds)
        for devices in options.devices
        for rate in (inf, _RATE)
    ]
    compared = [
        _measured(what, _LOOP_DEVICES, rate, options.rounds)
        for rate in _LOOP_RATES
        for what in ("ours", "event loop")
    ]
    if options.json:
        sys.stdout.write(json.dumps([asdict(each) for each in (*measured, *compared)]) + "\n")
    else:
        sys.stdout.write(_text(measured, compared) + "\n")


def _measured(what: str, devices: int, rate: float, rounds: int) -> Measured:
    """Run a case in new processes and return the medians of time and memory."""
    runs: list[Once] = []
    for number in range(rounds):
        command = [sys.executable, "-m", "tools.benchmarks.simulate_once", str(devices), str(rate)]
        command += ["--loop"] if what == "event loop" else []
        done = subprocess.run(command, env=os.environ, stdout=subprocess.PIPE, check=True)  # noqa: S603 - the benchmark's own
        runs.append(Once(**json.loads(done.stdout)))
        taken = f"{runs[-1].seconds:.2f} s, {runs[-1].megabytes:.0f} MiB"
        sys.stderr.write(f"  round {number + 1}: {what}, {devices:,} at {rate:g}/s: {taken}\n")
    once = Once(
        seconds=statistics.median(run.seconds for run in runs),
        megabytes=statistics.median(run.megabytes for run in runs),
        p50=runs[0].p50,
        p99=runs[0].p99,
        attempts=runs[0].attempts,
    )
    return Measured(what=what, devices=devices, rate=None if isinf(rate) else rate, once=once)


def _text(measured: Sequence[Measured], compared: Sequence[Measured]) -> str:
    head = ("SIMULATED BY", "DEVICES", "A SECOND", "SECONDS", "MIB", "ATTEMPTS", "P50", "P99")
    rows = [
        (
            measurement.what,
            f"{measurement.devices:,}",
            "no limit" if measurement.rate is None else f"{measurement.rate:,.0f}",
            f"{measurement.once.seconds:.2f}",
            f"{measurement.once.megabytes:.0f}",
            f"{measurement.once.attempts:,}",
            f"{measurement.once.p50:.1f}",
            f"{measurement.once.p99:.1f}",
        )
        for measurement in (*measured, *compared)
    ]
    return "\n".join(
        [columns([head, *rows], numbers=True), "", *_goals(measured), *_ratios(compared)]
    )


def _goals(measured: Sequence[Measured]) -> list[str]:
    largest = [each for each in measured if each.rate and each.devices == _GOAL_DEVICES]
    return [
        f"{measurement.devices:,} at {measurement.rate:,.0f} a second:"
        f" {_judged(measurement.once.seconds, 's', _SECONDS)},"
        f" {_judged(measurement.once.megabytes, 'MiB', _MEGABYTES)}"
        for measurement in largest
    ]


def _ratios(compared: Sequence[Measured]) -> list[str]:
    return [
        f"event loop / ours, {ours.devices:,} devices,"
        f" {'no limit' if ours.rate is None else f'{ours.rate:,.0f} a second'}:"
        f" {_judged(loop.once.seconds / ours.once.seconds, 'times', _TIMES)};"
        f" p99 differs by {abs(ours.once.p99 / loop.once.p99 - 1):.1%}"
        for ours, loop in zip(compared[::2], compared[1::2], strict=True)
    ]


def _judged(value: float, unit: str, target: Target) -> str:
    met = "met" if target.is_met_by(value) else "not met"
    return f"{value:.1f} {unit} (target {target}: {met})"


if __name__ == "__main__":
    main()
