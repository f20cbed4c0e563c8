"""What a change of primary must not change, and a plan would."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.route53.terraform_records import RECORD
from iot_dr.terraform_json.change import Action, changes_in
from stacks.graph import What

WATCHER: Final = "watcher_"
"""What the logical ids of the watcher's resources begin with; its region follows."""

_PIPELINE: Final = "aws_codepipeline"
_SERVED_BY: Final = "output.primary_region"
# Of a pipeline, the order in which it rolls the regions out.
_ORDER: Final = frozenset(("stage",))
_LEADS: Final = frozenset(("records", "health_check_id"))
_TOLD: Final = 3


def strays(plans: Sequence[StackPlan]) -> Iterator[str]:
    """Say of each stack what would change that does not have to follow the primary.

    Of the entry point, where records lead, and the watcher; of a pipeline, the order of its waves.
    """
    for plan in plans:
        allowed = _ALLOWED[plan.node.what](plan.document) if plan.node.what in _ALLOWED else ()
        told = [
            f"{each.action.value} {each.address}"
            for each in (*plan.outputs, *plan.changes)
            if each.address not in allowed
        ]
        if told:
            yield f"{plan.node.name}: {_shortened(told)}"


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
    """Give the addresses of what is of a type and changes in nothing but these attributes."""
    actions = {each.address: each.action for each in changes_in(document)}
    for entry in document["resource_changes"]:
        is_update = actions.get(entry["address"]) is Action.UPDATE
        if entry["type"] == type_ and is_update and _changed(entry["change"]) <= names:
            yield entry["address"]


_ALLOWED: Final[Mapping[What, Callable[[Mapping[str, Any]], frozenset[str]]]] = {
    "entry-point": _of_entry_point,
    "pipeline": _of_pipeline,
}


def _changed(change: Mapping[str, Mapping[str, Any]]) -> set[str]:
    before, after = change["before"], change["after"]
    # What is not known before the apply is absent in `after`, and so differs.
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _shortened(told: Sequence[str]) -> str:
    rest = len(told) - _TOLD
    more = [f"and {rest} more"] if rest > 0 else []
    return ", ".join([*told[:_TOLD], *more])
