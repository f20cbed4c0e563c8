"""The stacks of an environment and the order in which they go."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

What = Literal["state", "hosted-zone", "iot", "entry-point"]
Role = Literal["primary", "standby", "leaving"]


@dataclass(frozen=True, kw_only=True)
class StackNode:
    """One stack: what it holds, the region that it and its state stand in, what it waits for.

    `role` is None for a global stack, which serves every region alike. The stack of a region that
    is leaving holds nothing any more.
    """

    name: str
    what: What
    region: str
    role: Role | None
    depends_on: tuple[str, ...]


class GraphError(ValueError):
    """Stacks that wait for each other, or for one that does not exist."""


class StackGraph:
    """Stacks and their dependencies; the same stacks always give the same waves."""

    def __init__(self, nodes: Iterable[StackNode]) -> None:
        """Raise GraphError, which names the stacks, when no order exists."""
        self.nodes = tuple(nodes)
        names = {node.name for node in self.nodes}
        for node in self.nodes:
            if unknown := sorted(set(node.depends_on) - names):
                message = f"{node.name} depends on {', '.join(unknown)}, which is no stack here"
                raise GraphError(message)
        self.waves = tuple(self._waves())

    def _waves(self) -> Iterator[tuple[StackNode, ...]]:
        waiting = list(self.nodes)
        done: set[str] = set()
        while waiting:
            wave = tuple(node for node in waiting if done.issuperset(node.depends_on))
            if not wave:
                stuck = ", ".join(sorted(node.name for node in waiting))
                message = f"these stacks wait for each other: {stuck}"
                raise GraphError(message)
            yield wave
            done.update(node.name for node in wave)
            waiting = [node for node in waiting if node.name not in done]

    def mermaid(self) -> str:
        """Draw the graph as a Mermaid flowchart, one arrow for each dependency."""
        lines = ["flowchart TD"]
        for node in self.nodes:
            role = f"<br/>{node.role}" if node.role else ""
            lines.append(f'    {node.name}["{node.name}<br/>{node.region}{role}"]')
        for node in self.nodes:
            lines += [f"    {upstream} --> {node.name}" for upstream in node.depends_on]
        return "\n".join(lines) + "\n"

    def text(self) -> str:
        """List the waves with their stacks, for a terminal or a log."""
        lines: list[str] = []
        for number, wave in enumerate(self.waves, 1):
            lines.append(f"wave {number}")
            for node in wave:
                role = f", {node.role}" if node.role else ""
                after = f"  after {', '.join(node.depends_on)}" if node.depends_on else ""
                lines.append(f"  {node.name} ({node.region}{role}){after}")
        return "\n".join(lines) + "\n"
