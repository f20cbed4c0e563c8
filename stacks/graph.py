"""The dependency graph of an environment's stacks, and its waves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modules.stack_names import Role, What

_REGIONAL_ROLES: frozenset[Role | None] = frozenset(("primary", "standby", "leaving"))


@dataclass(frozen=True, kw_only=True)
class StackNode:
    """A stack: its kind (`what`), its region and role, and the stacks that it comes after.

    The state is in the same region. `role` is None for a global stack; a stack with the role
    `leaving` has no resources; of two pipelines one is `active` and the other `standing`. The stack
    reads outputs of those in `depends_on`; those in `goes_after` are only rolled out before it (ADR
    0020). `is_own` is true for a stack that the project adds to the platform's.
    """

    name: str
    what: str
    region: str
    role: Role | None
    depends_on: tuple[str, ...]
    goes_after: tuple[str, ...] = ()
    is_own: bool = False

    @property
    def is_regional(self) -> bool:
        """Whether it is a stack of a primary, standby or leaving region."""
        return self.role in _REGIONAL_ROLES

    @property
    def earlier(self) -> tuple[str, ...]:
        """The names of all stacks that are rolled out before this one."""
        return (*self.depends_on, *self.goes_after)


class GraphError(ValueError):
    """Stacks that depend on each other, or on a stack that does not exist."""


class StackGraph:
    """Stacks and the waves to roll them out in; the same stacks give the same waves."""

    def __init__(self, nodes: Iterable[StackNode]) -> None:
        """Raise GraphError with the stacks' names if they have no order."""
        self.nodes = tuple(nodes)
        names = {node.name for node in self.nodes}
        for node in self.nodes:
            if unknown := sorted(set(node.earlier) - names):
                message = f"{node.name} depends on {', '.join(unknown)}, not a stack here"
                raise GraphError(message)
        self.waves = tuple(self._waves())

    def only(self, what: What) -> StackNode:
        """Return the stack of a kind that an environment has once."""
        return next(node for node in self.nodes if node.what == what)

    def _waves(self) -> Iterator[tuple[StackNode, ...]]:
        waiting = list(self.nodes)
        done: set[str] = set()
        while waiting:
            wave = tuple(node for node in waiting if done.issuperset(node.earlier))
            if not wave:
                stuck = ", ".join(sorted(node.name for node in waiting))
                message = f"stacks depend on each other: {stuck}"
                raise GraphError(message)
            yield wave
            done.update(node.name for node in wave)
            waiting = [node for node in waiting if node.name not in done]
