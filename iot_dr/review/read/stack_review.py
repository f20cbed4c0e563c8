"""One stack's part of a review."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from iot_dr.review.read.resource_change import OutputChange, ResourceChange
from iot_dr.terraform_json.change import Action

Status = Literal["planned", "failed", "waiting", "incomplete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Resources by what happens to them; a replacement counts as that alone.

    One that moves or is imported, and changes too, counts in both columns.
    """

    actions: Mapping[Action, int]
    moves: int
    imports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackReview:
    """A stack and its plan; `problem` tells why it is `failed` or `incomplete`, else empty.

    `region` and `role` are None where nothing tells them; `role` also for a global stack. `existed`
    says that the stack had resources before. `changes` hold no resource that stays as it is:
    `unchanged` counts those. `warnings` are what else the plan says that a reader must weigh.
    """

    name: str
    region: str | None
    role: str | None
    status: Status
    existed: bool
    changes: tuple[ResourceChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    unchanged: int = 0
    problem: str = ""
    waits_for: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Whether a resource, or what the stack hands over, changes."""
        return bool(self.changes or self.outputs)

    @property
    def counts(self) -> Counts:
        """Count the changes by their columns in the table."""
        counted = Counter(each.action for each in self.changes)
        return Counts(
            actions={action: counted[action] for action in Action if counted[action]},
            moves=sum(each.moved_from is not None for each in self.changes),
            imports=sum(each.is_imported for each in self.changes),
        )
