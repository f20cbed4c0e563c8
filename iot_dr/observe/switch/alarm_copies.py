"""Route 53's copies of the settings of switches' alarms, compared with the alarms.

A health check of an alarm evaluates the alarm's metric by the settings that it copied; a later
change of the alarm does not reach it:
docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.switch.checks import list_checks
from iot_dr.observe.switch.metric import alarm_name

# docs.aws.amazon.com/Route53/latest/APIReference/API_CloudWatchAlarmConfiguration.html: the names
# of CloudWatch's DescribeAlarms.
_FIELDS: Final = (
    "Namespace",
    "MetricName",
    "Statistic",
    "ComparisonOperator",
    "Threshold",
    "Period",
    "EvaluationPeriods",
)
NO_ALARM: Final = "there is no alarm"
"""The difference of a copy whose alarm does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCopy:
    """The copy that a health check has of the alarm of a region's switch in `alarm_region`.

    `differences` say in what it differs from the alarm, a phrase each; an error if a side is
    unknown.
    """

    region: str
    alarm_region: str
    check_id: str
    alarm: str
    differences: tuple[str, ...] | UserError

    @property
    def is_outdated(self) -> bool:
        """Whether it is known to differ."""
        return isinstance(self.differences, tuple) and bool(self.differences)

    @property
    def summary(self) -> str:
        """What differs, or why that is not known."""
        known = self.differences
        return ", ".join(known) if isinstance(known, tuple) else str(known)


def alarm_copies(
    settings: Settings, clients: Clients, seconds: float, checks_after: float = 0.0
) -> tuple[AlarmCopy, ...]:
    """Compare the copy of each existing check of a switch with its alarm, which must exist.

    The alarms have so many seconds; Route 53 is queried after `checks_after` seconds at the
    earliest. Raises AwsError if Route 53 does not answer or refuses.
    """
    begun = time.monotonic()
    switches = {
        (alarm_region, alarm_name(settings, region)): region
        for region in settings.regions
        for alarm_region in settings.alarm_regions(region)
    }
    reads = {
        alarm_region: partial(_alarms, clients, alarm_region, names)
        for alarm_region, names in _by_region(switches).items()
    }
    alarms = gather(reads, seconds)
    time.sleep(max(0.0, begun + checks_after - time.monotonic()))
    return tuple(
        AlarmCopy(
            region=switches[key],
            alarm_region=key[0],
            check_id=check["Id"],
            alarm=key[1],
            differences=_compared(check, alarms[key[0]], key[1]),
        )
        for check in list_checks(clients)
        if (key := _followed(check["HealthCheckConfig"])) in switches
    )


def _by_region(switches: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for alarm_region, name in switches:
        names[alarm_region].append(name)
    return names


def _followed(config: Mapping[str, Any]) -> tuple[str, str]:
    alarm = config.get("AlarmIdentifier") or {}
    return alarm.get("Region", ""), alarm.get("Name", "")


def _alarms(clients: Clients, region: str, names: list[str]) -> dict[str, Mapping[str, Any]]:
    answer = clients.call("cloudwatch", region, "describe_alarms", AlarmNames=names)
    return {each["AlarmName"]: each for each in answer.get("MetricAlarms", ())}


def _compared(
    check: Mapping[str, Any], alarms: Mapping[str, Mapping[str, Any]] | UserError, name: str
) -> tuple[str, ...] | UserError:
    if isinstance(alarms, UserError):
        return alarms
    copy = check.get("CloudWatchAlarmConfiguration")
    if not copy:
        return UserError(f"Route 53 returns no copy of {name}")
    return tuple(_differences(copy, alarms[name])) if name in alarms else (NO_ALARM,)


def _differences(copy: Mapping[str, Any], alarm: Mapping[str, Any]) -> Iterator[str]:
    for field in (*_FIELDS, "Dimensions"):
        old, new = (_text(settings.get(field)) for settings in (copy, alarm))
        if old != new:
            yield f"{field} is {plain(old)}, in the alarm {plain(new)}"


def _text(value: object) -> str:
    """Return a setting as text: numbers without a needless fraction, dimensions in one order."""
    if isinstance(value, list):
        dimensions = cast("list[Mapping[str, str]]", value)
        return ", ".join(sorted(f"{each['Name']}={each['Value']}" for each in dimensions))
    return f"{value:g}" if isinstance(value, float) else str(value)
