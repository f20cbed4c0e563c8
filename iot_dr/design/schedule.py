"""The schedules of EventBridge that invoke a function.

docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from iot_dr.design.permissions import invocation_permissions, is_function
from iot_dr.design.policy import arns_fit
from iot_dr.terraform_json.argument import resolved_template, resolved_text
from iot_dr.terraform_json.expression import OF_RESOURCE, has_expression
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.watch_time import WATCH_PERIOD, WATCH_SCHEDULE

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
# Each minute, as a cron expression: one of the fields of days must be `?`.
_EACH_MINUTE: Final = re.compile(r"cron\((?:\*|[*0]/1) \* (?:\* \* \?|\? \* \*) \*\)")
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_DEFAULT_BUS: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSchedule:
    """A rule that invokes a function each `period` seconds, None if its expression is not read.

    `problem` is why no rule invokes it, empty if one does.
    """

    rule: str = ""
    expression: str = ""
    period: int | None = None
    problem: str = ""


def schedule_of(resources: ResourceSet, function: Resource) -> FunctionSchedule:
    """Return the schedule that invokes a function most often."""
    best, problem = None, "no enabled schedule invokes it"
    for rule, target in _rules(resources, function):
        if not _may_invoke(resources, function, rule, str(target.values.get("arn"))):
            problem = f"no permission lets {rule.address} invoke it"
            continue
        expression = resolved_template(resources, rule, rule.values.get("schedule_expression"))
        period = _period(expression)
        if best is None or (period and period < (best.period or period + 1)):
            best = FunctionSchedule(rule=rule.address, expression=expression, period=period)
    return best or FunctionSchedule(problem=problem)


def minute_problem(resources: ResourceSet, function: Resource) -> str:
    """Return why no schedule invokes a function each minute, empty if one may."""
    schedule = schedule_of(resources, function)
    is_known = not has_expression(schedule.expression)
    if schedule.expression and is_known and schedule.period != WATCH_PERIOD:
        return f"{schedule.rule} invokes it at {schedule.expression}, not {WATCH_SCHEDULE}"
    return schedule.problem


def _period(expression: str) -> int | None:
    if _EACH_MINUTE.fullmatch(expression):
        return _SECONDS["minute"]
    match = _RATE.fullmatch(expression)
    return int(match.group(1)) * _SECONDS[match.group(2)] if match else None


def _rules(resources: ResourceSet, function: Resource) -> Iterator[tuple[Resource, Resource]]:
    """Yield the enabled schedules that have a function as target, each with the target."""
    for target in resources.of_type("aws_cloudwatch_event_target"):
        is_invoked = is_function(resources, target, target.values.get("arn"), function)
        rule = resources.referenced(target, target.values.get("rule"), "aws_cloudwatch_event_rule")
        if not is_invoked or not rule:
            continue
        # A rule and its target are in one region; the function must be there too:
        # docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html.
        is_there = {target.region, rule.region} <= {function.region, None}
        if is_there and _is_enabled(resources, rule):
            yield rule, target


def _may_invoke(resources: ResourceSet, function: Resource, rule: Resource, invoked: str) -> bool:
    """Whether a permission of a function may let a rule invoke it by `invoked`, an ARN.

    docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html.
    """
    name = resolved_template(resources, rule, rule.values.get("name"))
    arn = f"arn:aws:events:{rule.region}::rule/{name}"
    service = "events.amazonaws.com"
    for permission in invocation_permissions(resources, function, service, invoked):
        source = permission.values.get("source_arn")
        text = resolved_template(resources, permission, source) if source else "*"
        if text == f"${{{rule.id}.arn}}" or (has_expression(text) and not OF_RESOURCE.search(text)):
            return True
        if not has_expression(text) and arns_fit(text, arn) is not False:
            return True
    return False


def _is_on_default_bus(resources: ResourceSet, rule: Resource) -> bool:
    """Whether a rule is on the default event bus, the only one with schedules; unknown may be.

    docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html.
    """
    bus = resolved_template(resources, rule, rule.values.get("event_bus_name") or _DEFAULT_BUS)
    return has_expression(bus) or bus.rpartition("/")[2] == _DEFAULT_BUS


def _is_enabled(resources: ResourceSet, rule: Resource) -> bool:
    values: dict[str, Any] = dict(rule.values)
    # The third state is one for events of CloudTrail:
    # docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html (State).
    state = resolved_text(resources, rule, values.get("state"))
    is_off = str(values.get("is_enabled")).lower() == "false"
    is_on = state in {None, "ENABLED"} and not is_off and _is_on_default_bus(resources, rule)
    return is_on and bool(values.get("schedule_expression"))
