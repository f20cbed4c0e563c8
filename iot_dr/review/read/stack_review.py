"""The part of a review that covers one stack: the changes to its resources and outputs."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.terraform_json.change import Action

Status = Literal["planned", "failed", "waiting", "incomplete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """A resource that is changed, moved, imported or forgotten, or has drifted.

    `action` is None if it is only moved or imported. `forced_by` are the paths that force a
    replacement; `reason` is Terraform's reason for the action as a sentence, or empty. `deposed`
    is the key of a deposed object, empty for the current object.
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
        """The attributes that differ; read from the plan at each access to save memory."""
        return self.read_diffs()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """An output whose value changes."""

    stack: str
    name: str
    action: Action
    diff: AttributeDiff


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCounts:
    """The number of resources for each action; a replacement is not also a create and destroy.

    A changed resource that is also moved or imported counts in `actions` and in `moves` or
    `imports`.
    """

    actions: Mapping[Action, int]
    moves: int
    imports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackReview:
    """A stack and the changes of its plan.

    `region` and `role` are None if unknown; `role` also for a global stack. `existed` is whether
    the stack had resources before. `unchanged` counts the resources that are not in `changes`.
    `problem` is why the plan is `failed` or `incomplete`, else empty. `warnings` are failed checks
    and provider actions in the plan. `is_own` is true for a stack that the project adds to the
    platform's.
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
    is_own: bool = False

    @property
    def has_changes(self) -> bool:
        """Whether a resource or an output changes."""
        return bool(self.changes or self.outputs)

    @property
    def counts(self) -> ActionCounts:
        """The number of changes for each column of the stack table."""
        counted = Counter(change.action for change in self.changes)
        return ActionCounts(
            actions={action: counted[action] for action in Action if counted[action]},
            moves=sum(change.moved_from is not None for change in self.changes),
            imports=sum(change.is_imported for change in self.changes),
        )
