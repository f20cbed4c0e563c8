"""What a plan would do to a resource, read from Terraform's JSON form of the plan.

The form is developer.hashicorp.com/terraform/internals/json-format.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Action(Enum):
    """What happens to a resource, with the sign that Terraform's own plans show."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"

    @property
    def sign(self) -> str:
        """The sign in front of a resource's address."""
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
"""By Terraform's own words; what stays as it is, and what is only read, is not among them."""


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """What happens to one resource or output, without its values, which `resource.Change` has."""

    address: str
    action: Action


def changes_in(plan: Mapping[str, Any]) -> tuple[PlannedAction, ...]:
    """Return what happens to the resources of a plan; reads and what stays as it is are none."""
    return tuple(
        PlannedAction(entry["address"], ACTIONS[actions])
        for entry in plan.get("resource_changes", [])
        if (actions := tuple(entry["change"]["actions"])) in ACTIONS
    )


def output_changes_in(plan: Mapping[str, Any]) -> tuple[PlannedAction, ...]:
    """Return what happens to the outputs of a plan, which other stacks read."""
    return tuple(
        PlannedAction(f"output.{name}", ACTIONS[actions])
        for name, change in plan.get("output_changes", {}).items()
        if (actions := tuple(change["actions"])) in ACTIONS
    )


def totals(changes: Iterable[PlannedAction]) -> str:
    """Count changes by action, e.g. `2 to create, 1 to replace`; `nothing to do` for none."""
    counted = Counter(change.action for change in changes)
    told = [f"{counted[action]} to {action.value}" for action in Action if counted[action]]
    return ", ".join(told) or "nothing to do"
