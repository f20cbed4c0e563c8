"""Planned changes that do not belong to a change of primary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.route53.terraform_records import RECORD
from iot_dr.terraform_json.change import Action, changes_in
from modules.switch_slots import WATCHER

_PIPELINE: Final = "aws_codepipeline"
_SERVED_BY: Final = "output.primary_region"
# The attributes of a pipeline with the order in which it rolls out regions.
_ORDER: Final = frozenset(("stage",))
_LEADS: Final = frozenset(("records", "health_check_id"))
_CHANGES_SHOWN: Final = 3


def unexpected_changes(plans: Sequence[StackPlan]) -> Iterator[str]:
    """Yield a line for each stack with planned changes that do not follow from the primary.

    The primary determines the entry point's records and watcher, and the order of a pipeline's
    waves. A line names up to three changes.
    """
    for plan in plans:
        allowed = _ALLOWED[plan.node.what](plan.document) if plan.node.what in _ALLOWED else ()
        unexpected = [
            f"{change.action.value} {change.address}"
            for change in (*plan.outputs, *plan.changes)
            if change.address not in allowed
        ]
        if unexpected:
            yield f"{plan.node.name}: {_shortened(unexpected)}"


def _of_entry_point(document: Mapping[str, Any]) -> frozenset[str]:
    watched = {
        entry["address"]
        for entry in document["resource_changes"]
        if entry["name"].startswith(WATCHER)
    }
    return frozenset({_SERVED_BY, *watched, *_updated(document, RECORD, _LEADS)})


def _of_pipeline(document: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_updated(document, _PIPELINE, _ORDER))


def _updated(document: Mapping[str, Any], type_: str, names: frozenset[str]) -> Iterator[str]:
    """Yield the addresses of a type's resources that change only in these attributes."""
    actions = {each.address: each.action for each in changes_in(document)}
    for entry in document["resource_changes"]:
        is_update = actions.get(entry["address"]) is Action.UPDATE
        if entry["type"] == type_ and is_update and _changed(entry["change"]) <= names:
            yield entry["address"]


_ALLOWED: Final[Mapping[str, Callable[[Mapping[str, Any]], frozenset[str]]]] = {
    "entry-point": _of_entry_point,
    "pipeline": _of_pipeline,
}


def _changed(change: Mapping[str, Mapping[str, Any]]) -> set[str]:
    before, after = change["before"], change["after"]
    # Terraform omits values that are unknown before the apply from `after`, so they differ.
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _shortened(changes: Sequence[str]) -> str:
    rest = len(changes) - _CHANGES_SHOWN
    more = [f"and {rest} more"] if rest > 0 else []
    return ", ".join([*changes[:_CHANGES_SHOWN], *more])
