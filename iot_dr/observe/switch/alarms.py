"""Alarms of the switches, read in their alarm regions."""

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import TypeVar, cast

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.metric import alarm_name
from iot_dr.route53.check import AlarmState

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class NoAlarmError(UserError):
    """The alarm of a region's switch does not exist."""


def alarm_state(settings: Settings, clients: Clients, region: str, alarm_region: str) -> AlarmState:
    """Return the state of the alarm of a region's switch in one of its alarm regions.

    Raises NoAlarmError if the alarm does not exist, AwsError if the alarm region does not answer or
    refuses.
    """
    name = alarm_name(settings, region)
    answer = clients.call("cloudwatch", alarm_region, "describe_alarms", AlarmNames=[name])
    for alarm in answer.get("MetricAlarms", ()):
        return cast("AlarmState", alarm["StateValue"])
    message = (
        f"{name}: there is no such alarm in {alarm_region}, so nothing follows the switch of"
        f" {region}; the stack iot-{settings.environment}-entry-point makes it"
    )
    raise NoAlarmError(message)


def firing_alarms(settings: Settings, clients: Clients, region: str) -> tuple[str, ...]:
    """Return the names of up to 100 alarms of the environment that are in ALARM in a region.

    Raises AwsError if CloudWatch does not answer there or refuses.
    """
    prefix = f"{settings.project}-{settings.environment}-"
    answer = clients.call(
        "cloudwatch",
        region,
        "describe_alarms",
        AlarmNamePrefix=prefix,
        StateValue="ALARM",
        MaxRecords=100,
    )
    alarms = answer.get("MetricAlarms", ())
    firing = (each["AlarmName"] for each in alarms if each["StateValue"] == "ALARM")
    return tuple(sorted(map(plain, firing)))


def alarm_states(
    settings: Settings, clients: Clients
) -> dict[tuple[str, str], Callable[[], AlarmState]]:
    """Return a query for each switch and alarm region, to be run concurrently by `gather`."""
    return {
        (region, alarm_region): partial(alarm_state, settings, clients, region, alarm_region)
        for region in settings.regions
        for alarm_region in settings.alarm_regions(region)
    }


def read_switch(settings: Settings, clients: Clients, region: str) -> AlarmState:
    """Return the state of a region's switch, read in its alarm regions one after the other.

    Raises NoAlarmError or AwsError if it is unknown: see `switch_state`.
    """
    states = dict[str, AlarmState | UserError]()
    for alarm_region in settings.alarm_regions(region):
        try:
            states[alarm_region] = alarm_state(settings, clients, region, alarm_region)
        except UserError as error:
            states[alarm_region] = error
    state = switch_state(states)
    if isinstance(state, UserError):
        raise state
    return state


def by_region(seen: Mapping[tuple[str, str], V]) -> dict[str, dict[str, V]]:
    """Return values of switches and alarm regions by switch, then by alarm region."""
    regions: dict[str, dict[str, V]] = {}
    for (region, alarm_region), value in seen.items():
        regions.setdefault(region, {})[alarm_region] = value
    return regions


def switch_state(states: Mapping[str, AlarmState | V]) -> AlarmState | V:
    """Return the state of a switch from those of its alarms, keyed by alarm region.

    One alarm in ALARM moves devices away. Otherwise it is unknown, with the reason of the first
    alarm region whose state is, or it is the first alarm region's state. A missing alarm counts
    only if all are missing: a switch gets its second one with the next deployment.
    """
    values = [state for state in states.values() if not isinstance(state, NoAlarmError)]
    values = values or list(states.values())
    if "ALARM" in values:
        return "ALARM"
    unknown = [value for value in values if value not in {"OK", "INSUFFICIENT_DATA"}]
    return unknown[0] if unknown else values[0]
