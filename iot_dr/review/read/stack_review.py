"""One stack's part of a review: what its plan does to resources and outputs."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.terraform_json.change import Action

Status = Literal["planned", "failed", "waiting", "incomplete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """A resource that changes, moves, is imported, forgotten, or has drifted.

    `action` is None where it only moves or is imported. `forced_by` are the dotted paths that force
    a replacement, `reason` Terraform's reason for the action in words, empty where it gives none.
    `import_id` is what it is imported by. `deposed` is the key of a left-over object, empty for the
    current one.
    """

    stack: str
    region: str | None
    address: str
    type: str
    name: str
    action: Action | None
    moved_from: str | None = None
    is_imported: bool = False
    import_id: str = ""
    is_drift: bool = False
    forced_by: tuple[str, ...] = ()
    reason: str = ""
    deposed: str = ""
    read_diffs: Callable[[], tuple[AttributeDiff, ...]] = field(repr=False, compare=False)

    @property
    def diffs(self) -> tuple[AttributeDiff, ...]:
        """The attributes that differ, read out of the plan anew each time: they may be many."""
        return self.read_diffs()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """An output whose value changes: what other stacks will read."""

    stack: str
    name: str
    action: Action
    diff: AttributeDiff


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
