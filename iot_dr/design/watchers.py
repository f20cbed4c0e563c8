"""The watchers of a design: functions that put a switch by themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from functions.contract import (
    WatchedRegionVariable,
    WatcherVariable,
    switch_dimensions,
    switch_namespace,
    watcher_alarm_regions,
)
from iot_dr.design.design import Fault, FaultKind, Watcher
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.functions import function_problem, package_of, variables_of
from iot_dr.design.iot import (
    HANDSHAKE,
    SIGNED,
    iot_faults,
    refused_connection,
    serving_problem,
)
from iot_dr.design.metric_alarms import metric_alarms
from iot_dr.design.notes import NoteKind, Notes
from iot_dr.design.permissions import alarm_call, history_call, may, metric_call, topic_call
from iot_dr.design.policy import ApiCall
from iot_dr.design.publishers import written_registers
from iot_dr.design.schedule import minute_problem
from iot_dr.route53.terraform_records import CHECK, RECORD, declared_names
from iot_dr.terraform_json.argument import (
    is_resolved_name,
    known_dns_name,
    number_of,
    whole_number,
)
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.function_limits import watch_seconds


def read_watchers(
    resources: ResourceSet, expected: DesignExpectation | None, notes: Notes
) -> tuple[Watcher, ...]:
    """Return the watchers that an enabled schedule invokes; note why others put no switch."""
    watchers = list[Watcher]()
    for function in resources.of_type("aws_lambda_function"):
        if package_of(resources, function) != "watcher" or not function.region:
            continue
        if problem := _problem(resources, function, expected):
            notes.add(NoteKind.IDLE_WATCHER, address=function.address, problem=problem)
        else:
            watcher = _watcher(resources, function, function.region, notes)
            registers = (
                written_registers(resources, function, watcher, expected, notes)
                if expected
                else frozenset[str]()
            )
            watchers.append(replace(watcher, registers=registers))
    return tuple(watchers)


def _watcher(resources: ResourceSet, function: Resource, region: str, notes: Notes) -> Watcher:
    variables = _variables(resources, function)
    primary = variables.get(WatcherVariable.PRIMARY, "")
    away = tuple(variables.get(WatcherVariable.AWAY, primary).split(","))
    own = tuple(variables.get(WatcherVariable.ALARM_REGIONS, region).split(","))
    earlier = (tuple(_alarm_regions(resources, function, each, notes)) for each in away[:-1])
    names = dict(_names(resources, function))
    sees = refused_connection(primary)
    if variables.get(WatcherVariable.MODE) == "deep":
        sees = iot_faults(resources, names.get(primary, ""), primary)
    return Watcher(
        region=region,
        away=away,
        alarm_regions=(*earlier, own),
        follows=WatcherVariable.DEVICE_NAME in variables
        and _follows(resources, function, own[0], notes),
        fails_on=frozenset((Fault(region, FaultKind.REGION), Fault(region, FaultKind.FUNCTION))),
        sees=sees,
        blind_with=iot_faults(resources, names.get(region, ""), region),
    )


def _alarm_regions(
    resources: ResourceSet, function: Resource, earlier: str, notes: Notes
) -> Iterator[str]:
    """Yield the regions in which a watcher may read and put the switch of an earlier region."""
    variables = _variables(resources, function)
    regions = variables.get(WatcherVariable.REGIONS, "").split(",")
    switch = variables.get(WatcherVariable.SWITCH, "")
    name = switch.removesuffix(variables.get(WatcherVariable.PRIMARY, "")) + earlier
    namespace = switch_namespace(variables.get(WatcherVariable.ENVIRONMENT, ""))
    is_known = earlier in regions and len(regions) > 1
    for alarm_region in (
        watcher_alarm_regions(regions, function.region or "", earlier) if is_known else ()
    ):
        calls = alarm_call(alarm_region, name), metric_call(alarm_region, namespace)
        if all(may(resources, function, call) for call in calls):
            yield alarm_region
        else:
            sentence = f"{function.address} may not set the switch of {earlier} in {alarm_region}"
            notes.add(NoteKind.DEVIATION, sentence=sentence)


def _names(resources: ResourceSet, function: Resource) -> Iterator[tuple[str, str]]:
    """Yield the regions with their regional names, empty for a name that is not known."""
    values = variables_of(function)
    regions = _variables(resources, function).get(WatcherVariable.REGIONS, "").split(",")
    for index, region in enumerate(regions, 1):
        variable = f"{WatchedRegionVariable.NAME}{index}"
        yield region, _name(resources, function, variable, values.get(variable))


def _name(resources: ResourceSet, function: Resource, variable: str, value: Json) -> str:
    record = resources.referenced(function, value, RECORD)
    declared = declared_names(resources).record_of(record) if record else None
    name = declared.name if declared else known_dns_name(resources, function, variable, value)
    return name if name and is_resolved_name(name) else ""


def _variables(resources: ResourceSet, function: Resource) -> dict[str, str]:
    return {
        name: str(resources.resolve(function, value))
        for name, value in variables_of(function).items()
    }


def _problem(resources: ResourceSet, function: Resource, expected: DesignExpectation | None) -> str:
    """Return why a watcher would never put a switch, empty if it would."""
    return (
        (_environment_problem(resources, function, expected) if expected else "")
        or _invocation_problem(resources, function)
        or _name_problem(resources, function)
    )


def _environment_problem(
    resources: ResourceSet, function: Resource, expected: DesignExpectation
) -> str:
    """Return in what the environment variables of a watcher differ from those expected."""
    order = expected.failover.order
    if function.region not in order[1:]:
        return f"{function.region} is not a standby"
    place = order.index(function.region)
    watched = order[place - 1]
    alarm_regions = watcher_alarm_regions(expected.regions, function.region, watched)
    required = {
        WatcherVariable.ENVIRONMENT: expected.environment,
        WatcherVariable.DEVICE_NAME: expected.device_name,
        WatcherVariable.REGIONS: ",".join(expected.regions),
        WatcherVariable.PRIMARY: watched,
        WatcherVariable.AWAY: ",".join(order[:place]),
        WatcherVariable.ALARM_REGIONS: ",".join(alarm_regions),
        WatcherVariable.MODE: expected.recovery.mode if place == 1 else "shallow",
        WatcherVariable.INTERVAL: str(expected.recovery.interval),
        WatcherVariable.THRESHOLD: str(expected.recovery.threshold),
        WatcherVariable.TTL: str(expected.recovery.ttl),
    }
    variables = _variables(resources, function)
    for name, value in required.items():
        if (given := variables.get(name)) != value:
            return f"its {name} is {given}, not {value}"
    for region, name in _names(resources, function):
        if not name:
            return f"its name of {region} is not known"
        if name != expected.regional_names[region]:
            return f"its name of {region} is {name}, not {expected.regional_names[region]}"
    return _check_problem(resources, function) or _switch_problem(resources, function, expected)


def _check_problem(resources: ResourceSet, function: Resource) -> str:
    """Return which check of another region a watcher has for a region.

    Its id is part of the name under which the watcher records that the region was healthy.
    """
    values = variables_of(function)
    for index, (region, name) in enumerate(_names(resources, function), 1):
        value = values.get(f"{WatchedRegionVariable.CHECK}{index}")
        check = resources.referenced(function, value, CHECK)
        fqdn = check.values.get("fqdn") if check else None
        asked = _name(resources, check, "fqdn", fqdn) if check else ""
        if check and name and asked != name:
            return f"its check of {region} is {check.address}, which does not check {name}"
    return ""


def _switch_problem(resources: ResourceSet, function: Resource, expected: DesignExpectation) -> str:
    """Return which alarm a watcher reads in place of that of its region's switch."""
    variables = _variables(resources, function)
    read, primary = variables.get(WatcherVariable.SWITCH), variables[WatcherVariable.PRIMARY]
    switch = switch_dimensions(expected.environment, primary)
    alarm_regions = variables[WatcherVariable.ALARM_REGIONS].split(",")
    for alarm in metric_alarms(resources).values():
        is_read = alarm.name in {alarm.address, read}
        if alarm.dimensions == switch and alarm.region in alarm_regions and not is_read:
            return f"the switch of {primary} is {alarm.name}, not {read}"
    return ""


def _invocation_problem(resources: ResourceSet, function: Resource) -> str:
    """Return why a watcher does not run each minute until its end."""
    if problem := function_problem(resources, function):
        return problem
    seconds, variables = number_of(resources, function, "timeout"), _variables(resources, function)
    interval = whole_number(variables.get(WatcherVariable.INTERVAL))
    threshold = whole_number(variables.get(WatcherVariable.THRESHOLD))
    shortest = watch_seconds(interval or 0, threshold or 0)
    if seconds is not None and seconds < shortest:
        return f"its timeout of {seconds} s is under {shortest} s, which a watch may take"
    for call in _calls(function, variables):
        if not may(resources, function, call):
            return f"its role does not allow {call.action}"
    return minute_problem(resources, function)


def _calls(function: Resource, variables: Mapping[str, str]) -> Iterator[ApiCall]:
    """Yield the calls without which a watcher never puts the switch.

    If it can never publish, it has never seen the primary healthy.
    """
    if variables.get(WatcherVariable.MODE) == "deep":
        primary = variables.get(WatcherVariable.PRIMARY, "")
        yield topic_call(primary, variables.get(WatcherVariable.TOPIC, ""))
    namespace = switch_namespace(variables.get(WatcherVariable.ENVIRONMENT, ""))
    for alarm_region in variables.get(WatcherVariable.ALARM_REGIONS, function.region or "").split(
        ","
    ):
        yield metric_call(alarm_region, namespace)


def _follows(resources: ResourceSet, function: Resource, alarm_region: str, notes: Notes) -> bool:
    """Whether a watcher may read what it needs to act on the answer of the device name.

    That is the alarm of its switch in the first alarm region.
    """
    switch = _variables(resources, function).get(WatcherVariable.SWITCH, "")
    for place, _ in _names(resources, function):
        if not may(resources, function, history_call(place)):
            notes.add(NoteKind.UNKNOWN_HISTORY, address=function.address, region=place)
    if may(resources, function, alarm_call(alarm_region, switch)):
        return True
    notes.add(NoteKind.ANSWER_NOT_FOLLOWED, address=function.address, name=switch)
    return False


def _name_problem(resources: ResourceSet, function: Resource) -> str:
    """Return which of the names that a watcher probes is never served.

    That is its own, to test its network, and if it publishes the primary's.
    """
    names, variables = dict(_names(resources, function)), _variables(resources, function)
    probed = [(function.region or "", HANDSHAKE)]
    if variables.get(WatcherVariable.MODE) == "deep":
        probed.append((variables.get(WatcherVariable.PRIMARY, ""), SIGNED))
    problems = (
        serving_problem(resources, name, region, client)
        for region, client in probed
        if (name := names.get(region))
    )
    return next(filter(None, problems), "")
