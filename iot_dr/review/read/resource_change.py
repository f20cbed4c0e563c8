"""What a plan does to one resource or output."""

from collections.abc import Callable
from dataclasses import dataclass, field

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.terraform_json.change import Action


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
