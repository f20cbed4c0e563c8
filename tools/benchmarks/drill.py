"""Measures rehearsals, and compares them with the fleet simulation and with `iot-dr rto`."""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from environments.loader import load
from iot_dr.cli.text import columns
from iot_dr.drill.rig.namespace import enter_namespace
from tools.benchmarks.environment_files import FOLDER
from tools.benchmarks.target import Target

if TYPE_CHECKING:
    from tools.benchmarks.drill_runs import Run

_KINDS = ("kill", "drop", "freeze", "expired")
_ERROR = Target(0.05, is_upper=True)
_NOTE = """
Each row is the median of its seeds. SIMULATED has been given the time of the run's failover; RTO
says what `iot-dr rto` predicts over all outages, for links that close and devices with a cache of
their own, and so nothing of drop and freeze."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; each rehearsal takes about half a minute."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.drill",
        description="Measure rehearsals of the core, the simulation and `iot-dr rto`.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--devices", type=int, default=200, metavar="N", help="devices of each")
    parser.add_argument("--speed", type=float, default=15, metavar="N", help="times faster")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="rehearsals of each kind")
    parser.add_argument(
        "--kinds", nargs="*", default=_KINDS, choices=_KINDS, metavar="KIND", help="of outage"
    )
    options = parser.parse_args(arguments)
    if refused := enter_namespace():
        parser.error(refused)
    # Imported here, because its imports start threads.
    from tools.benchmarks.drill_runs import runs  # noqa: PLC0415 - see above

    settings = load("core", {}, FOLDER)
    made = [
        run
        for seed in range(1, options.seeds + 1)
        for run in runs(settings, options.kinds, options.devices, options.speed, seed)
    ]
    if options.json:
        sys.stdout.write(json.dumps([asdict(run) for run in made]) + "\n")
    else:
        sys.stdout.write(f"{_text(made)}\n{_NOTE}\n")


def _text(runs: Sequence["Run"]) -> str:
    head = ("OUTAGE", "SEEDS", "FLIP", "", "MEASURED", "SIMULATED", "ERROR", "RTO SAYS", "ERROR")
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(run.kind for run in runs):
        of_kind = [run for run in runs if run.kind == kind]
        for place, name in enumerate(("p50", "p99")):
            rows.append(_row(kind, name, place, of_kind))
    return columns([head, *rows], numbers=True)


def _row(kind: str, name: str, place: int, runs: Sequence["Run"]) -> tuple[str, ...]:
    measured = [run.measured[place] for run in runs]
    simulated = [run.simulated[place] for run in runs]
    error = statistics.median(
        one / other - 1 for one, other in zip(measured, simulated, strict=True)
    )
    predicted = runs[0].rto[place] if runs[0].rto else None
    middle = statistics.median(measured)
    compared = (
        ("-", "-") if predicted is None else (f"{predicted:.1f}", _judged(middle / predicted - 1))
    )
    return (
        kind,
        str(len(runs)),
        f"{statistics.median(run.failover for run in runs):.1f}",
        name,
        f"{middle:.1f}",
        f"{statistics.median(simulated):.1f}",
        _judged(error),
        *compared,
    )


def _judged(error: float) -> str:
    return f"{error:+.1%}{'' if _ERROR.is_met_by(abs(error)) else ' (not met)'}"


if __name__ == "__main__":
    main()
