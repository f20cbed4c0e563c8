"""The waves in which an environment is rolled out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from stacks.graph import Role, StackGraph, StackNode

_SERVING: frozenset[Role | None] = frozenset(("primary", "standby"))

GLOBAL = "global"
"""The scope of the global stacks."""

PIPELINE = "pipeline"
"""The scope of the stacks of pipelines."""


def scope(node: StackNode) -> str:
    """Return the scope whose role applies a stack: a region, `global` or `pipeline`."""
    if node.what == "pipeline":
        return PIPELINE
    return GLOBAL if node.role is None else node.region


class RolloutError(ValueError):
    """Waves that would change what must not be changed together, or in that order."""


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Stacks that go together, and the number by which commands call them."""

    number: int
    nodes: tuple[StackNode, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its stacks."""
        return tuple(node.name for node in self.nodes)

    @property
    def scope(self) -> str:
        """The scope whose role applies it; a wave has one."""
        return scope(self.nodes[0])

    @property
    def serving(self) -> tuple[str, ...]:
        """The regions that serve devices, or stand by for it, and that this wave changes."""
        found = (node.region for node in self.nodes if node.role in _SERVING)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Rollout:
    """The waves of a graph, in order: one value for whoever plans, applies, draws or generates.

    The same graph always gives the same waves. They count from 1; a pipeline's own stack is wave 0.
    """

    graph: StackGraph

    def __post_init__(self) -> None:
        """Raise RolloutError, which tells every fault, unless regions go one after another."""
        if faults := list(self._faults()):
            raise RolloutError("; ".join(faults))

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """Every wave, the first one first."""
        first = 0 if any(node.role == "active" for node in self.graph.nodes) else 1
        return tuple(
            Wave(number=number, nodes=nodes) for number, nodes in enumerate(self.graph.waves, first)
        )

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each stack's wave."""
        return {name: wave.number for wave in self.waves for name in wave.names}

    def refuse_outside(self, stacks: Iterable[str]) -> None:
        """Raise RolloutError for stacks that no wave has: nobody would ever roll them out."""
        if outside := sorted(set(stacks) - set(self.numbers)):
            raise RolloutError(f"{', '.join(outside)}: in no wave of the rollout")

    def _faults(self) -> Iterator[str]:
        for wave in self.waves:
            if len(wave.serving) > 1:
                told = " and ".join(wave.serving)
                yield f"wave {wave.number} would change {told} at once"
            elif len({scope(node) for node in wave.nodes}) > 1:
                yield f"wave {wave.number} would change {' and '.join(wave.names)} with one role"
        yield from self._serving_too_early()

    def _serving_too_early(self) -> Iterator[str]:
        of_role = {
            role: [node for node in self.graph.nodes if node.role == role]
            for role in ("primary", "standby")
        }
        for primary in of_role["primary"]:
            for standby in of_role["standby"]:
                if self.numbers[primary.name] < self.numbers[standby.name]:
                    yield (
                        f"{primary.name} would go before {standby.name}: a standby goes before the"
                        " region that serves"
                    )
