"""A region behind the device name as a variable: what its own modules give."""

from collections.abc import Iterator
from typing import Final

from iot_dr.emit.contract.variable import Validation, Variable
from iot_dr.emit.variables.handed import topic_arn
from iot_dr.emit.variables.rules import refusing, region_rules

_UUID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_MEMBERS: Final = ("region", "regional_name", "deep_check_id", "alarm_topic_arn")


def served(name: str, description: str) -> Variable:
    """Give the variable for a region of `entry-point`, which has `label` and the zone's parts too.

    A region's name is judged as a whole: with the name of another one, or the device name itself,
    the checks would guard a record that leads elsewhere.
    """
    members = ", ".join(f"{each} = string" for each in _MEMBERS)
    return Variable(
        name=name,
        type=f"object({{ {members} }})",
        description=description,
        validations=tuple(_rules(name)),
    )


def differing(name: str, other: str) -> Iterator[Validation]:
    """Give what two of them must not share."""
    for member, allowed in (("region", "another one"), ("deep_check_id", "that of its own canary")):
        what = f"has the {member} of {other}; allowed: {allowed}"
        yield refusing(name, what, unless=f"var.{name}.{member} != var.{other}.{member}")


def _rules(name: str) -> Iterator[Validation]:
    given = _given(name, *_MEMBERS)
    yield refusing(name, f"lacks a member; allowed: {', '.join(_MEMBERS)}", unless=given)
    region = f"var.{name}.region"
    for rule in region_rules(name):
        condition = rule.condition.replace(f"var.{name}", region)
        yield _refusing_member(name, "region is none with IoT Core", condition, "region")
    own = f"${{var.label}}-${{{region}}}.iot-${{var.environment}}.${{var.domain}}"
    yield _refusing_member(
        name,
        "regional_name is not the region's own, {label}-{region}.iot-{environment}.{domain}",
        f'var.{name}.regional_name == "{own}"',
        *("region", "regional_name"),
    )
    yield _refusing_member(
        name,
        "deep_check_id is no id of a health check, as the module canary gives it",
        f'can(regex("{_UUID}", var.{name}.deep_check_id))',
        "deep_check_id",
    )
    topic = topic_arn(f"${{{region}}}")
    yield _refusing_member(
        name,
        "alarm_topic_arn is no topic of the region, as the module regional-endpoint gives it",
        f'can(regex("^{topic}$", var.{name}.alarm_topic_arn))',
        *("region", "alarm_topic_arn"),
    )


def _refusing_member(name: str, what: str, condition: str, *members: str) -> Validation:
    """Refuse a member by a condition about `members`, of which none is null: that has its rule."""
    unless = f"{_given(name, *members)} ? {condition} : true"
    return refusing(name, f"is wrong: {what}", unless=unless)


def _given(name: str, *members: str) -> str:
    return " && ".join(f"var.{name}.{each} != null" for each in members)
