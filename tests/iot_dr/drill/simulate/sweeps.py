"""Sweeps for tests, with figures that are made up."""

from collections.abc import Mapping

from iot_dr.drill.simulate.grid import Value
from iot_dr.drill.simulate.sweep import Combination, SimulatedFigures


def figures(p99: float) -> SimulatedFigures:
    return SimulatedFigures(p50=p99 / 2, p99=p99, last=p99 + 10, lost=1.0, attempts=10.0)


def swept(values: Mapping[str, Value], p99: float, better: float = 0.0) -> Combination:
    """Return a combination whose worse cache is the shared one, by `better` seconds."""
    return Combination(values=values, own=figures(p99 - better), shared=figures(p99))


def pairs(first: str, second: str, p99s: Mapping[tuple[Value, Value], float]) -> list[Combination]:
    """Return a sweep over two settings."""
    return [swept({first: one, second: two}, p99) for (one, two), p99 in p99s.items()]
