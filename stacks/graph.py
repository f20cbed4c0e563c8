"""The stacks of an environment and the order in which they go."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

What = Literal[
    "pipeline",
    "state",
    "hosted-zone",
    "data",
    "iot",
    "telemetry",
    "device-registry",
    "entry-point",
]
Role = Literal["primary", "standby", "leaving", "active", "standing"]

_OF_A_REGION: frozenset[Role | None] = frozenset(("primary", "standby", "leaving"))


@dataclass(frozen=True, kw_only=True)
class StackNode:
    """One stack: what it holds, the region that it and its state stand in, what it waits for.

    `role` is None for a global stack, which serves every region alike. The stack of a region that
    is leaving holds nothing any more. Of two pipelines one is active, the other a standing copy.
    What a stack depends on hands something over to it; what it `goes_after` is only rolled out
    before it (ADR 0020).
    """

    name: str
    what: What
    region: str
    role: Role | None
    depends_on: tuple[str, ...]
    goes_after: tuple[str, ...] = ()

    @property
    def is_regional(self) -> bool:
        """Whether it is a part of a region that serves, stands by or leaves."""
        return self.role in _OF_A_REGION

    @property
    def earlier(self) -> tuple[str, ...]:
        """The stacks that are rolled out before this one, for either reason."""
        return (*self.depends_on, *self.goes_after)


class GraphError(ValueError):
    """Stacks that wait for each other, or for one that does not exist."""


class StackGraph:
    """Stacks and their dependencies; the same stacks always give the same waves."""

    def __init__(self, nodes: Iterable[StackNode]) -> None:
        """Raise GraphError, which names the stacks, when no order exists."""
        self.nodes = tuple(nodes)
        names = {node.name for node in self.nodes}
        for node in self.nodes:
            if unknown := sorted(set(node.earlier) - names):
                message = f"{node.name} depends on {', '.join(unknown)}, which is no stack here"
                raise GraphError(message)
        self.waves = tuple(self._waves())

    def _waves(self) -> Iterator[tuple[StackNode, ...]]:
        waiting = list(self.nodes)
        done: set[str] = set()
        while waiting:
            wave = tuple(node for node in waiting if done.issuperset(node.earlier))
            if not wave:
                stuck = ", ".join(sorted(node.name for node in waiting))
                message = f"these stacks wait for each other: {stuck}"
                raise GraphError(message)
            yield wave
            done.update(node.name for node in wave)
            waiting = [node for node in waiting if node.name not in done]
