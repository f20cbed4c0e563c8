"""Actions of a plan, read from Terraform's JSON output format.

developer.hashicorp.com/terraform/internals/json-format.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Action(Enum):
    """What a plan does to a resource or an output."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"

    @property
    def sign(self) -> str:
        """The symbol shown before the address, as in Terraform's own plans."""
        return {"create": "+", "update": "~", "replace": "±", "destroy": "-", "forget": "."}[
            self.value
        ]


ACTIONS: Final[Mapping[tuple[str, ...], Action]] = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DESTROY,
    ("forget",): Action.FORGET,
    ("create", "delete"): Action.REPLACE,
    ("delete", "create"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
}
"""The action for each `actions` list of a plan; `no-op` and `read` are not actions."""


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """The action on one resource or output, without values; `resource.Change` has those."""

    address: str
    action: Action


def changes_in(plan: Mapping[str, Any]) -> tuple[PlannedAction, ...]:
    """Return the actions on a plan's resources, without `no-op` and `read`."""
    return tuple(
        PlannedAction(entry["address"], ACTIONS[actions])
        for entry in plan.get("resource_changes", [])
        if (actions := tuple(entry["change"]["actions"])) in ACTIONS
    )


def output_changes_in(plan: Mapping[str, Any]) -> tuple[PlannedAction, ...]:
    """Return the actions on a plan's outputs, which other stacks read."""
    return tuple(
        PlannedAction(f"output.{name}", ACTIONS[actions])
        for name, change in plan.get("output_changes", {}).items()
        if (actions := tuple(change["actions"])) in ACTIONS
    )


def totals(changes: Iterable[PlannedAction]) -> str:
    """Return the number of changes by action: `2 to create, 1 to replace`, or `nothing to do`."""
    counted = Counter(change.action for change in changes)
    counts = [f"{counted[action]} to {action.value}" for action in Action if counted[action]]
    return ", ".join(counts) or "nothing to do"
