"""How synthesis grows with environments, regions and resources."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tools.benchmarks import environment_files
from tools.benchmarks.bindings import MODES, warm
from tools.benchmarks.interleave import interleave, median
from tools.benchmarks.process_tree import Run, measure
from tools.benchmarks.target import Target


@dataclass(frozen=True)
class _Size:
    environments: int
    regions: int
    extra: int

    def __str__(self) -> str:
        return f"{self.environments} env, {self.regions} regions, +{self.extra:,}"


# Large sizes: with stock bindings a thousand resources are lost in the noise of the start.
_SIZES = (_Size(1, 2, 0), _Size(1, 5, 0), _Size(9, 2, 0), _Size(1, 2, 3000))
TARGET = Target(0.5, is_upper=True)
"""Share of a resource's time with stock bindings."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """An app of one size, with either bindings."""

    size: str
    resources: int
    """Resources of the whole app."""
    fast: Run
    stock: Run
    fast_ms: float | None
    """Milliseconds per resource beyond the smallest app; None for that one."""
    stock_ms: float | None

    @property
    def ratio(self) -> float | None:
        """Ours as a share of stock's milliseconds per resource; None for the smallest app."""
        return self.fast_ms / self.stock_ms if self.fast_ms and self.stock_ms else None


def growth(folder: Path, rounds: int) -> list[Growth]:
    """Measure apps of several sizes, the smallest first, in an empty folder."""
    cases: dict[str, Callable[[], Run]] = {}
    for number, size in enumerate(_SIZES):
        files = environment_files.write(
            folder / f"environments-{number}",
            "full",
            environments=size.environments,
            regions=size.regions,
        )
        for mode in MODES:
            command = [sys.executable, "-m", "tools.benchmarks.app", str(files)]
            command += [str(folder / f"out-{number}"), "--extra", str(size.extra)]
            cases[f"{mode}, {size}"] = partial(measure, command, warm(mode))
    # The first run writes the .pyc files that all others read.
    cases[f"fast, {_SIZES[0]}"]()
    runs = {name: median(taken) for name, taken in interleave(cases, rounds).items()}
    counts = [resources(folder / f"out-{number}") for number in range(len(_SIZES))]
    return [
        Growth(
            size=str(size),
            resources=count,
            fast=runs[f"fast, {size}"],
            stock=runs[f"stock, {size}"],
            fast_ms=_slope(runs[f"fast, {_SIZES[0]}"], runs[f"fast, {size}"], count - counts[0]),
            stock_ms=_slope(runs[f"stock, {_SIZES[0]}"], runs[f"stock, {size}"], count - counts[0]),
        )
        for size, count in zip(_SIZES, counts, strict=True)
    ]


def _slope(small: Run, large: Run, added: int) -> float | None:
    return (large.seconds - small.seconds) * 1000 / added if added else None


def resources(out: Path) -> int:
    """Return the number of resources in a synthesis's output folder."""
    return sum(
        len(blocks)
        for file in out.glob("stacks/*/cdk.tf.json")
        for blocks in json.loads(file.read_text(encoding="utf-8"))["resource"].values()
    )
