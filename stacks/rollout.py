"""The waves in which an environment is rolled out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from modules.stack_names import Role
from stacks.graph import StackGraph, StackNode

_SERVING: frozenset[Role | None] = frozenset(("primary", "standby"))

GLOBAL = "global"
"""The scope of the global stacks."""

PIPELINE = "pipeline"
"""The scope of the pipelines' stacks."""


def scope(node: StackNode) -> str:
    """Return the scope whose role applies a stack: a region, `global` or `pipeline`."""
    if node.what == "pipeline":
        return PIPELINE
    return GLOBAL if node.role is None else node.region


def wave_numbers(graph: StackGraph) -> dict[str, int]:
    """Return the wave number of each stack, also if a wave breaks a rule of `RolloutWaves`."""
    first = 0 if any(node.role == "active" for node in graph.nodes) else 1
    waves = enumerate(graph.waves, first)
    return {node.name: number for number, nodes in waves for node in nodes}


class RolloutError(ValueError):
    """Waves that break a rule of the rollout."""


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Stacks that are rolled out together, and the wave's number in commands."""

    number: int
    nodes: tuple[StackNode, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its stacks."""
        return tuple(node.name for node in self.nodes)

    @property
    def scope(self) -> str:
        """The scope whose role applies the wave."""
        return scope(self.nodes[0])

    @property
    def serving(self) -> tuple[str, ...]:
        """The primary and standby regions that this wave changes."""
        return tuple(dict.fromkeys(node.region for node in self.nodes if node.role in _SERVING))


@dataclass(frozen=True)
class RolloutWaves:
    """The checked waves of a graph, in order; the same graph gives the same waves.

    They are numbered from 1; the active pipeline's stack, if there is one, is wave 0.
    """

    graph: StackGraph

    def __post_init__(self) -> None:
        """Raise RolloutError with every broken rule.

        A wave changes one serving region and one scope at most, and standbys come before the
        primary.
        """
        if faults := list(self._faults()):
            raise RolloutError("; ".join(faults))

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """Every wave, in order."""
        waves = self.graph.waves
        return tuple(Wave(number=self.numbers[nodes[0].name], nodes=nodes) for nodes in waves)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The wave number of each stack."""
        return wave_numbers(self.graph)

    def require_in_waves(self, stacks: Iterable[str]) -> None:
        """Raise RolloutError for stacks that are in no wave, which would never be rolled out."""
        if outside := sorted(set(stacks) - set(self.numbers)):
            raise RolloutError(f"{', '.join(outside)}: in no wave of the rollout")

    def _faults(self) -> Iterator[str]:
        for wave in self.waves:
            if len(wave.serving) > 1:
                regions = " and ".join(wave.serving)
                yield f"wave {wave.number} would change {regions} at once"
            elif len({scope(node) for node in wave.nodes}) > 1:
                yield f"wave {wave.number} would change {' and '.join(wave.names)} with one role"
        yield from self._serving_too_early()

    def _serving_too_early(self) -> Iterator[str]:
        by_role = {
            role: [node for node in self.graph.nodes if node.role == role]
            for role in ("primary", "standby")
        }
        for primary in by_role["primary"]:
            for standby in by_role["standby"]:
                if self.numbers[primary.name] < self.numbers[standby.name]:
                    yield (
                        f"{primary.name} would be applied before {standby.name}: a standby must be"
                        " applied before the primary"
                    )
