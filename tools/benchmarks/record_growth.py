"""CPU seconds of commands on designs of one shape, and how they grow with its size."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.cli.text import columns
from tools.benchmarks.large_designs import design
from tools.benchmarks.planned_design import plan
from tools.benchmarks.process_tree import CommandError
from tools.benchmarks.target import Target

_SIZES: Final = (5_000, 20_000)
_SHAPES: Final = (
    *("many failover names", "names, checks and aliases", "bipartite aliases"),
    *("one weighted name", "one multivalue name"),
)
_TIME: Final = Target(5, is_upper=True)
# Processes have a start of their own, so that a command grows less than its work.
_GROWTH: Final = Target(1.2, is_upper=True)
# `check` and `prove` end with 1 or 3 for what they find.
_FOUND: Final = (0, 1, 3)


@dataclass(frozen=True, kw_only=True)
class Grown:
    """CPU seconds of one command on a design of a shape, by its number of records."""

    command: str
    shape: str
    seconds: Mapping[int, float]

    @property
    def growth(self) -> float:
        """How much more time the larger design takes, divided by that of n log n."""
        small, large = _SIZES
        work = large * math.log(large) / (small * math.log(small))
        return self.seconds[large] / self.seconds[small] / work


def grown(folder: Path, commands: Sequence[str], variables: Mapping[str, str]) -> list[Grown]:
    """Measure commands of `iot-dr` on each shape: `review` on its plan, others on configuration."""
    return [
        Grown(
            command=command,
            shape=shape,
            seconds={
                records: _seconds(_words(command, _written(folder, shape, records)), variables)
                for records in _SIZES
            },
        )
        for shape in _SHAPES
        for command in commands
    ]


def grown_text(measured: Iterable[Grown]) -> str:
    """Return a table with a row for each command and shape, and whether the targets are met."""
    rows = [
        (
            *(row.command, row.shape),
            *(f"{row.seconds[records]:.1f}" for records in _SIZES),
            f"{row.growth:.2f}",
            "met" if _TIME.is_met_by(row.seconds[_SIZES[1]]) else "not met",
            "met" if _GROWTH.is_met_by(row.growth) else "not met",
        )
        for row in measured
    ]
    sizes = (f"CPU S, {records}" for records in _SIZES)
    head = ("COMMAND", "SHAPE", *sizes, "OF N LOG N", f"{_TIME} S", f"{_GROWTH}")
    return columns([head, *rows], numbers=True)


def _written(folder: Path, shape: str, records: int) -> Path:
    place = folder / f"{shape}-{records}"
    if not place.exists():
        place.mkdir(parents=True)
        document = design(shape, records)
        (place / "dns.tf.json").write_text(json.dumps(document), encoding="utf-8")
        (place / "plan.json").write_text(json.dumps(plan(document)), encoding="utf-8")
    return place


def _words(command: str, folder: Path) -> list[str]:
    if command == "review":
        return [command, "--plans", str(folder / "plan.json")]
    return [command, str(folder / "dns.tf.json")]


def _seconds(words: Sequence[str], variables: Mapping[str, str]) -> float:
    """Return user and system time of a process, which other processes hardly change."""
    command = [sys.executable, "-m", "iot_dr", *words]
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - the benchmark's own
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in _FOUND:
        raise CommandError(f"{' '.join(command)} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
