"""The watchers of a design: functions that put a switch by themselves."""

from collections.abc import Iterator
from typing import Any, Final

from environments.settings import Settings
from iot_dr.prover.design import Fault, FaultKind, Watcher
from iot_dr.prover.iot import iot_faults, refused_connection
from iot_dr.prover.notes import Notes
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_HANDLER: Final = "functions.watcher."


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
    names = dict(_names(variables))
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


def _names(variables: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the regions with their regional names."""
    for index, region in enumerate(variables.get("WATCHER_REGIONS", "").split(","), 1):
        yield region, variables.get(f"WATCHER_NAME_{index}", "")


def _variables(resources: ResourceSet, function: Resource) -> dict[str, str]:
    environment = block(function.values, "environment") or {}
    values = mapping(environment.get("variables"))
    return {name: str(resources.resolve(function, value)) for name, value in values.items()}


def _problem(resources: ResourceSet, function: Resource, settings: Settings | None) -> str:
    """Return why a watcher would never put a switch, empty if it would."""
    environment = _variables(resources, function).get("WATCHER_ENVIRONMENT")
    if settings and environment != settings.environment:
        return f"it is that of the environment {environment}"
    if str(function.values.get("reserved_concurrent_executions")) == "0":
        return "its reserved concurrency is 0"
    for target in resources.of_type("aws_cloudwatch_event_target"):
        invoked = resources.referenced(target, target.values.get("arn"))
        rule = resources.referenced(target, target.values.get("rule"))
        if invoked and rule and invoked.id == function.id and _is_enabled(resources, rule):
            return ""
    return "no enabled schedule invokes it"


def _is_enabled(resources: ResourceSet, rule: Resource) -> bool:
    values: dict[str, Any] = dict(rule.values)
    state = resolved_text(resources, rule, values.get("state"))
    is_off = str(values.get("is_enabled")).lower() == "false"
    return bool(values.get("schedule_expression")) and state != "DISABLED" and not is_off
