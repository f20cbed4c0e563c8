"""The watchers of a design: functions that put a switch by themselves."""

from collections.abc import Iterator
from typing import Any, Final

from environments.settings import Settings
from iot_dr.design.design import Fault, FaultKind, Watcher
from iot_dr.design.iot import iot_faults, refused_connection, serving_problem
from iot_dr.design.notes import Notes
from iot_dr.design.permissions import invocation_permissions, may, metric_call
from iot_dr.route53.terraform_records import declared_names
from iot_dr.terraform_json.argument import (
    is_resolved_name,
    known_dns_name,
    resolved_text,
    whole_number,
)
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.switch_metric import switch_namespace

_HANDLER: Final = "functions.watcher."
_SCHEDULE: Final = "rate(1 minute)"
# Seconds: a watcher repeats its probes for about a minute. The default is Lambda's.
_SHORTEST, _DEFAULT_TIMEOUT = 60, 3


def read_watchers(
    resources: ResourceSet, settings: Settings | None, notes: Notes
) -> tuple[Watcher, ...]:
    """Return the watchers that an enabled schedule invokes; note why others put no switch."""
    watchers = list[Watcher]()
    for function in resources.of_type("aws_lambda_function"):
        handler = resolved_text(resources, function, function.values.get("handler")) or ""
        if not handler.startswith(_HANDLER) or not function.region:
            continue
        if problem := _problem(resources, function, settings):
            notes.add(f"{function.address} puts no switch: {problem}")
        else:
            watchers.append(_watcher(resources, function, function.region))
    return tuple(watchers)


def _watcher(resources: ResourceSet, function: Resource, region: str) -> Watcher:
    variables = _variables(resources, function)
    primary = variables.get("WATCHER_PRIMARY", "")
    names = dict(_names(resources, function))
    sees = refused_connection(primary)
    if variables.get("WATCHER_MODE") == "deep":
        sees = iot_faults(resources, names.get(primary, ""), primary)
    return Watcher(
        region=region,
        primary=primary,
        follows="WATCHER_DEVICE_NAME" in variables,
        fails_on=frozenset((Fault(region, FaultKind.REGION), Fault(region, FaultKind.FUNCTION))),
        sees=sees,
        blind_with=iot_faults(resources, names.get(region, ""), region),
    )


def _names(resources: ResourceSet, function: Resource) -> Iterator[tuple[str, str]]:
    """Yield the regions with their regional names, empty for a name that is not known."""
    values = _values(function)
    regions = _variables(resources, function).get("WATCHER_REGIONS", "").split(",")
    for index, region in enumerate(regions, 1):
        variable = f"WATCHER_NAME_{index}"
        yield region, _name(resources, function, variable, values.get(variable))


def _name(resources: ResourceSet, function: Resource, variable: str, value: Json) -> str:
    record = resources.referenced(function, value)
    declared = declared_names(resources).record_of(record) if record else None
    name = declared.name if declared else known_dns_name(resources, function, variable, value)
    return name if name and is_resolved_name(name) else ""


def _values(function: Resource) -> dict[str, Json]:
    return mapping((block(function.values, "environment") or {}).get("variables"))


def _variables(resources: ResourceSet, function: Resource) -> dict[str, str]:
    return {
        name: str(resources.resolve(function, value)) for name, value in _values(function).items()
    }


def _problem(resources: ResourceSet, function: Resource, settings: Settings | None) -> str:
    """Return why a watcher would never put a switch, empty if it would."""
    return (
        (_environment_problem(resources, function, settings) if settings else "")
        or _invocation_problem(resources, function)
        or _keeper_problem(resources, function)
    )


def _environment_problem(resources: ResourceSet, function: Resource, settings: Settings) -> str:
    """Return in what the environment variables of a watcher differ from the settings."""
    variables = _variables(resources, function)
    environment = variables.get("WATCHER_ENVIRONMENT")
    if environment != settings.environment:
        return f"it is that of the environment {environment}"
    if (name := variables.get("WATCHER_DEVICE_NAME")) != settings.device_name:
        return f"it follows {name}, not {settings.device_name}"
    regions = ",".join(settings.regions)
    if variables.get("WATCHER_REGIONS") != regions:
        return f"its regions are {variables.get('WATCHER_REGIONS')}, not {regions}"
    for region, name in _names(resources, function):
        if name and name != settings.regional_name(region):
            return f"its name of {region} is {name}, not {settings.regional_name(region)}"
    return _switch_problem(resources, function, settings)


def _switch_problem(resources: ResourceSet, function: Resource, settings: Settings) -> str:
    """Return which alarm a watcher reads in place of its primary's switch."""
    variables = _variables(resources, function)
    read, primary = variables.get("WATCHER_SWITCH"), variables.get("WATCHER_PRIMARY")
    switch = {"Environment": settings.environment, "Region": primary}
    for alarm in resources.of_type("aws_cloudwatch_metric_alarm"):
        name = resolved_text(resources, alarm, alarm.values.get("alarm_name"))
        dimensions = mapping(alarm.values.get("dimensions"))
        if dimensions == switch and alarm.region == function.region and name not in {None, read}:
            return f"the switch of {primary} is {name}, not {read}"
    return ""


def _invocation_problem(resources: ResourceSet, function: Resource) -> str:
    """Return why a watcher does not run each minute until its end."""
    if str(function.values.get("reserved_concurrent_executions")) == "0":
        return "its reserved concurrency is 0"
    timeout = function.values.get("timeout", _DEFAULT_TIMEOUT)
    seconds = whole_number(resources.resolve(function, timeout))
    if seconds is not None and seconds < _SHORTEST:
        return f"its timeout of {seconds} s is under {_SHORTEST} s"
    environment = _variables(resources, function).get("WATCHER_ENVIRONMENT", "")
    call = metric_call(function.region or "", switch_namespace(environment))
    if not may(resources, function, call):
        return f"its role does not allow {call.action}"
    problem = "no enabled schedule invokes it"
    for rule in _rules(resources, function):
        expression = literal(resources.resolve(rule, rule.values.get("schedule_expression"))) or ""
        if "(" in expression and expression != _SCHEDULE:
            problem = f"{rule.address} invokes it at {expression}, not {_SCHEDULE}"
        elif not _may_invoke(resources, function, rule):
            problem = f"no permission lets {rule.address} invoke it"
        else:
            return ""
    return problem


def _keeper_problem(resources: ResourceSet, function: Resource) -> str:
    """Return why the name that a watcher probes to test its own network is never served."""
    name = dict(_names(resources, function)).get(function.region or "")
    return serving_problem(resources, name, function.region or "") if name else ""


def _rules(resources: ResourceSet, function: Resource) -> Iterator[Resource]:
    """Yield the enabled schedules that have a function as target."""
    for target in resources.of_type("aws_cloudwatch_event_target"):
        invoked = resources.referenced(target, target.values.get("arn"))
        rule = resources.referenced(target, target.values.get("rule"))
        if invoked and rule and invoked.id == function.id and _is_enabled(resources, rule):
            yield rule


def _may_invoke(resources: ResourceSet, function: Resource, rule: Resource) -> bool:
    for permission in invocation_permissions(resources, function, "events.amazonaws.com"):
        source = resources.referenced(permission, permission.values.get("source_arn"))
        if source is None or source.id == rule.id:
            return True
    return False


def _is_enabled(resources: ResourceSet, rule: Resource) -> bool:
    values: dict[str, Any] = dict(rule.values)
    state = resolved_text(resources, rule, values.get("state"))
    is_off = str(values.get("is_enabled")).lower() == "false"
    return bool(values.get("schedule_expression")) and state != "DISABLED" and not is_off
