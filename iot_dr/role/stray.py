"""What a change of primary must not change, and a plan would."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from iot_dr.role.record import RECORD
from iot_dr.terraform.change import Action, changes_in
from iot_dr.terraform.stack_plan import StackPlan

WATCHER: Final = "watcher_"
"""What the logical ids of the watcher's resources begin with; its region follows."""

_LEADS: Final = frozenset(("records", "health_check_id"))
_TOLD: Final = 3


def strays(plans: Sequence[StackPlan]) -> Iterator[str]:
    """Say of each stack what would change that neither leads a record elsewhere nor watches."""
    for plan in plans:
        is_entry_point = plan.node.what == "entry-point"
        told = [f"{each.action.value} {each.address}" for each in plan.outputs]
        allowed = _allowed(plan.document) if is_entry_point else frozenset[str]()
        told += [
            f"{each.action.value} {each.address}"
            for each in plan.changes
            if each.address not in allowed
        ]
        if told:
            yield f"{plan.node.name}: {_shortened(told)}"


def _allowed(document: Mapping[str, Any]) -> frozenset[str]:
    actions = {each.address: each.action for each in changes_in(document)}
    return frozenset(
        entry["address"]
        for entry in document["resource_changes"]
        if entry["name"].startswith(WATCHER)
        or (
            entry["type"] == RECORD
            and actions.get(entry["address"]) is Action.UPDATE
            and _changed(entry["change"]) <= _LEADS
        )
    )


def _changed(change: Mapping[str, Mapping[str, Any]]) -> set[str]:
    before, after = change["before"], change["after"]
    # What is not known before the apply is absent in `after`, and so differs.
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _shortened(told: Sequence[str]) -> str:
    rest = len(told) - _TOLD
    more = [f"and {rest} more"] if rest > 0 else []
    return ", ".join([*told[:_TOLD], *more])
