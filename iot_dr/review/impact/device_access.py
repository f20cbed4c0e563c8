"""What a change means to what lets devices in: policies, certificates, domain configurations."""

from typing import Final

from iot_dr.review.impact.dependence import DOMAIN, Dependence
from iot_dr.review.impact.device_access_types import ACCESS, Access
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.told import FORGOTTEN, Rank, Told
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.json_value import text

# What makes a resource stand there without effect.
_OFF: Final = (
    ("status", "DISABLED"),
    ("status", "INACTIVE"),
    ("active", False),
    ("enabled", False),
)
_PERMISSION: Final = "aws_lambda_permission"
_IOT: Final = "iot.amazonaws.com"


def is_access(type_: str) -> bool:
    """Tell whether a type of resource lets devices in, or serves their names."""
    return type_ in ACCESS


def told_of_access(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Told | None:
    """Tell of what lets devices in, or serves their names; None for anything else."""
    known = ACCESS.get(change.type)
    if known is None or change.action in {None, Action.CREATE} or _is_others(change, world):
        return None
    if change.action is Action.UPDATE and not differences.heads & known.heads:
        return None
    return Told(
        rank=known.rank,
        verdict=_verdict(change, differences),
        subject=_subject(change, known, world),
        why=_why(known, change.action, differences),
        heads=known.heads,
    )


def _is_others(change: ResourceChange, world: Dependence) -> bool:
    """Tell whether it lets somebody else call a function, and not AWS IoT."""
    if change.type != _PERMISSION:
        return False
    states = world.states((change.stack, change.address))
    return all(each.get("principal") != _IOT for each in states)


def _verdict(change: ResourceChange, differences: Differences) -> Verdict:
    # Disabled, it serves as little as one that is destroyed, which a rule blocks.
    is_lost = change.type == DOMAIN and _is_off(differences)
    return Verdict.BLOCK if is_lost else Verdict.WARN


def _subject(change: ResourceChange, known: Access, world: Dependence) -> str:
    values = world.values((change.stack, change.address))
    name = text(values.get(known.naming)) or change.name
    if known.rank is Rank.ZONE:
        return f"{known.noun} {name}"
    if change.type == DOMAIN and world.names.is_device_name(dns_name(name)):
        return f"the device name's domain configuration{_place(change)}"
    return f"{known.noun} {name}{_place(change)}"


def _place(change: ResourceChange) -> str:
    return f" in {change.region}" if change.region else ""


def _why(known: Access, action: Action | None, differences: Differences) -> str:
    if action is Action.FORGET:
        return FORGOTTEN.text
    if action is Action.DESTROY:
        return known.gone
    if action is Action.REPLACE:
        return f"{known.gone} until the new one serves"
    return known.gone if _is_off(differences) else known.changed


def _is_off(differences: Differences) -> bool:
    return any(
        (values := differences.values(argument)) and values[1] == off for argument, off in _OFF
    )
