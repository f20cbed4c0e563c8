"""Variables for a region of a module, alone or with the outputs of other modules."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from iot_dr.emit.contract import REQUIRED, Validation, Variable
from iot_dr.emit.module_context import ZONE
from iot_dr.emit.variables.module_inputs import NAME, topic_arn
from iot_dr.emit.variables.pattern import literal
from iot_dr.emit.variables.rules import region_rules, unless_null, validation

_UUID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_MEMBERS: Final = ("region", "regional_name", "deep_check_id", "alarm_topic_arn")


def region_of(name: str, description: str, default: Any = REQUIRED) -> Variable:  # noqa: ANN401 - as in Variable
    """Return a variable for a region with IoT Core; nullable if the default is null."""
    nullable = default is None
    rules = tuple(region_rules(name))
    return Variable(
        name=name,
        type="string",
        description=description,
        default=default,
        validations=unless_null(name, rules) if nullable else rules,
        nullable=nullable,
    )


def serving_region(default: str, expected: str, *regions: str) -> Variable:
    """Return the variable for the region that serves, one of two regions, which are expressions.

    `default` and `expected` name them in the description and in the message of a wrong value.
    """
    name = "primary_region"
    variable = region_of(
        name,
        f"the region that serves while it is healthy, one of the two, or null for {default}",
        default=None,
    )
    rule = validation(
        name,
        f"is not among the regions; expected {expected}",
        unless=f"var.{name} == null ? true : contains([{', '.join(regions)}], var.{name})",
    )
    return replace(variable, validations=(*variable.validations, rule))


def region_object(name: str, description: str) -> Variable:
    """Return the variable for a region of `entry-point`, an object of other modules' outputs.

    The regional name must be exactly the region's: with another name, or the device name, the
    checks would probe another region than the record's.
    """
    members = ", ".join(f"{each} = string" for each in _MEMBERS)
    return Variable(
        name=name,
        type=f"object({{ {members} }})",
        description=description,
        validations=tuple(_served_rules(name)),
    )


def different_from(name: str, other_region: str) -> Iterator[Validation]:
    """Yield validations of members that two regions must not share."""
    for member, allowed in (("region", "another one"), ("deep_check_id", "that of its own canary")):
        problem = f"has the {member} of {other_region}; expected {allowed}"
        yield validation(
            name, problem, unless=f"var.{name}.{member} != var.{other_region}.{member}"
        )


def _served_rules(name: str) -> Iterator[Validation]:
    given = _given(name, *_MEMBERS)
    yield validation(name, f"lacks a member; expected {', '.join(_MEMBERS)}", unless=given)
    region = f"var.{name}.region"
    for rule in region_rules(name):
        condition = rule.condition.replace(f"var.{name}", region)
        yield _refusing_member(name, "region is not one with IoT Core", condition, "region")
    own = f"${{var.label}}-${{{region}}}.${{{ZONE}}}"
    is_name = f"can(regex({literal(f'^{NAME}$')}, var.{name}.regional_name))"
    yield _refusing_member(
        name,
        "regional_name is not the region's own, {label}-{region}.{zone}, or no name",
        f'(var.own_endpoints ? {is_name} : var.{name}.regional_name == "{own}")',
        *("region", "regional_name"),
    )
    yield _refusing_member(
        name,
        "deep_check_id is not the id of a health check, an output of the module canary",
        f'can(regex("{_UUID}", var.{name}.deep_check_id))',
        "deep_check_id",
    )
    topic = topic_arn(f"${{{region}}}")
    yield _refusing_member(
        name,
        "alarm_topic_arn is not a topic of the region, an output of the module regional-endpoint",
        f'can(regex("^{topic}$", var.{name}.alarm_topic_arn))',
        *("region", "alarm_topic_arn"),
    )


def _refusing_member(name: str, problem: str, condition: str, *members: str) -> Validation:
    """Return a validation of a member; null `members` pass, as another rule refuses them."""
    unless = f"{_given(name, *members)} ? {condition} : true"
    return validation(name, f"is wrong: {problem}", unless=unless)


def _given(name: str, *members: str) -> str:
    return " && ".join(f"var.{name}.{each} != null" for each in members)
