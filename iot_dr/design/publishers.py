"""The publishers of a design: functions that repeat what the registers of switches say."""

from collections.abc import Iterator
from typing import Final

from functions.contract import (
    PUBLISH_SECONDS,
    REGISTER,
    USES,
    PublisherVariable,
    WatcherVariable,
    parameter_name,
    switch_alarm_regions,
    switch_namespace,
)
from iot_dr.design.design import Fault, FaultKind, RegisterPublisher, Watcher
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.functions import function_problem, package_of, variables_of
from iot_dr.design.notes import NoteKind, Notes
from iot_dr.design.permissions import may, metric_call, parameter_call
from iot_dr.design.schedule import minute_problem
from iot_dr.terraform_json.argument import number_of
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.watcher_calls import READ_PARAMETERS, WRITE_PARAMETER

PUBLISHER: Final = "switch_publisher"
"""The package of their code."""


def publisher_regions(resources: ResourceSet) -> frozenset[str | None]:
    """Return the regions that have a publisher, whether it works or not."""
    functions = resources.of_type("aws_lambda_function")
    return frozenset(each.region for each in functions if package_of(resources, each) == PUBLISHER)


def read_publishers(
    resources: ResourceSet, expected: DesignExpectation, notes: Notes
) -> tuple[RegisterPublisher, ...]:
    """Return the publishers that work; note why others repeat no register."""
    publishers, places = list[RegisterPublisher](), publisher_regions(resources)
    for region in expected.regions:
        if _kept(expected, region) and region not in places:
            fault = f"no function publishes the switches in {region}"
            notes.add(NoteKind.FAULT, fault=fault)
    for function in resources.of_type("aws_lambda_function"):
        region = function.region
        if package_of(resources, function) != PUBLISHER or region not in expected.regions:
            continue
        if problem := _problem(resources, function, expected):
            notes.add(NoteKind.IDLE_PUBLISHER, address=function.address, problem=problem)
            continue
        for sentence in _unread(resources, function, expected):
            notes.add(NoteKind.FAULT, fault=sentence)
        kinds = FaultKind.REGION, FaultKind.FUNCTION
        publishers.append(
            RegisterPublisher(
                region=region,
                switches=_kept(expected, region),
                fails_on=frozenset(Fault(region, kind) for kind in kinds),
            )
        )
    return tuple(publishers)


def written_registers(
    resources: ResourceSet,
    function: Resource,
    watcher: Watcher,
    expected: DesignExpectation,
    notes: Notes,
) -> frozenset[str]:
    """Return the regions in which a watcher writes the registers of all switches that it puts."""
    variable = WatcherVariable.PROJECT
    project = resources.resolve(function, variables_of(function).get(variable))
    written = dict[str, bool]()
    for switch, regions in zip(watcher.away, watcher.alarm_regions, strict=True):
        register, _ = _names(expected, switch)
        for region in regions:
            calls = (
                parameter_call(action, region, register)
                for action in (READ_PARAMETERS, WRITE_PARAMETER)
            )
            denied = next((call for call in calls if not may(resources, function, call)), None)
            problem = f"its role does not allow {denied.action}" if denied else ""
            if project != expected.context.project:
                problem = f"its {variable} is {project}, not {expected.context.project}"
            if problem:
                notes.add(
                    NoteKind.UNREGISTERED,
                    address=function.address,
                    switched=switch,
                    region=region,
                    problem=problem,
                )
            written[region] = written.get(region, True) and not problem
    return frozenset(region for region, is_written in written.items() if is_written)


def _kept(expected: DesignExpectation, region: str) -> tuple[str, ...]:
    regions = expected.regions
    return tuple(each for each in regions if region in switch_alarm_regions(regions, each))


def _problem(resources: ResourceSet, function: Resource, expected: DesignExpectation) -> str:
    """Return why a publisher never puts what the registers of its region say."""
    required = {
        PublisherVariable.PROJECT: expected.context.project,
        PublisherVariable.ENVIRONMENT: expected.environment,
        PublisherVariable.REGIONS: ",".join(expected.regions),
    }
    variables, region = variables_of(function), function.region or ""
    for name, value in required.items():
        if (given := str(resources.resolve(function, variables.get(name)))) != value:
            return f"its {name} is {given}, not {value}"
    if problem := function_problem(resources, function):
        return problem
    seconds = number_of(resources, function, "timeout")
    if seconds is not None and seconds < PUBLISH_SECONDS:
        return f"its timeout of {seconds} s is under {PUBLISH_SECONDS} s"
    reads = (
        parameter_call(READ_PARAMETERS, region, name)
        for switch in _kept(expected, region)
        for name in _names(expected, switch)
    )
    for call in (metric_call(region, switch_namespace(expected.environment)), *reads):
        if not may(resources, function, call):
            return f"its role does not allow {call.action}"
    return minute_problem(resources, function)


def _unread(
    resources: ResourceSet, function: Resource, expected: DesignExpectation
) -> Iterator[str]:
    """Yield which registers of other regions a publisher may not read once its own returns."""
    for switch in _kept(expected, function.region or ""):
        register, _ = _names(expected, switch)
        for other in switch_alarm_regions(expected.regions, switch):
            if not may(resources, function, parameter_call(READ_PARAMETERS, other, register)):
                yield (
                    f"{function.address} may not read the register of {switch} in {other}: a switch"
                    " that was put back while its own region was lost is published as away"
                )


def _names(expected: DesignExpectation, switch: str) -> tuple[str, str]:
    """Return the names of a switch's register and of the record of its last use."""
    register, use = (
        parameter_name(expected.context.project, expected.environment, what, switch)
        for what in (REGISTER, USES)
    )
    return register, use
