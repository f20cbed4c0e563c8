"""The switch of the watched region, which the watcher can only put to `away`."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from functions.aws_client import CALL_SECONDS
from functions.contract import SWITCH_METRIC, switch_dimensions, switch_namespace
from functions.probe.aws_error import class_and_code
from functions.probe.metrics import Metrics
from functions.watcher.cloudwatch import AlarmReader, MetricWriter, client

_ATTEMPTS = 3
# Seconds, to read the earlier switches, to read and write a register, and to put. The SDK waits up
# to 1 s before the second attempt and up to 2 s before the third:
# docs.aws.amazon.com/boto3/latest/guide/retries.html
PUT_SECONDS = 3 * CALL_SECONDS + _ATTEMPTS * CALL_SECONDS + 3
# After `switch back` the health check follows the alarm; resolvers keep the answer for its TTL.
_RETURN_SECONDS = 600
SECOND = timedelta(seconds=1)
"""The length of a second; the drill's clock has shorter ones."""


def _client(region: str) -> MetricWriter:
    return client(region, attempts=_ATTEMPTS)


class SwitchError(Exception):
    """The switch could not be put; the message has only the class and error code of the cause."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """Puts the metrics whose alarms fail the health checks of regions: one alarm of each is enough.

    `alarm_regions` are the regions with the alarms of a region's switch, in the order in which they
    are tried, by that region: the watched one last. `earlier` returns for an alarm region which
    switches of the regions before it are put there; one that it does not return is tried in its
    next alarm region. `register` records in an alarm region, as far as it can, that the switches of
    regions are put there.
    """

    environment: str
    alarm_regions: Mapping[str, Sequence[str]]
    earlier: Callable[[str, Sequence[str]], Mapping[str, bool]]
    register: Callable[[str, Sequence[str]], None] | None = None
    client: Callable[[str], MetricWriter] = _client

    def __call__(self) -> None:
        """Put the switches to away; raises SwitchError for one that no alarm region accepts."""
        *_, watched = self.alarm_regions
        missing, causes = dict(self.alarm_regions), defaultdict[str, list[str]](list)
        # Those of the watched region first: it has just failed.
        for alarm_region in dict.fromkeys(
            chain.from_iterable(reversed([*self.alarm_regions.values()]))
        ):
            kept = [
                region for region, alarm_regions in missing.items() if alarm_region in alarm_regions
            ]
            known = {
                **self.earlier(alarm_region, kept),
                **({watched: True} if watched in kept else {}),
            }
            refusal = self._put(
                alarm_region, [region for region, is_put in known.items() if is_put]
            )
            for region, is_put in known.items():
                if refusal and is_put:
                    causes[region].append(refusal)
                else:
                    del missing[region]
        for region, refusals in causes.items():
            if region in missing:
                message = f"the switch of {region} could not be set: {', '.join(refusals)}"
                raise SwitchError(message)

    def _put(self, alarm_region: str, regions: Sequence[str]) -> str:
        """Put the metrics of regions in one request; return why that is refused, empty if not."""
        data_points = [self._away(region) for region in regions]
        namespace = switch_namespace(self.environment)
        if regions and self.register:
            self.register(alarm_region, regions)
        try:
            if data_points:
                self.client(alarm_region).put_metric_data(
                    Namespace=namespace, MetricData=data_points
                )
        except Exception as error:  # noqa: BLE001 - kept without its text, which may hold headers
            return class_and_code(error)
        return ""

    def _away(self, region: str) -> dict[str, Any]:
        dimensions = switch_dimensions(self.environment, region)
        return {
            "MetricName": SWITCH_METRIC,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Value": 1.0,
        }


@dataclass(frozen=True, kw_only=True)
class EarlierSwitches:
    """The switches of the regions before the watched one, which may be put with its own.

    `alarms` are the names of their alarms by region, `ttl` is the device name's, in seconds.
    """

    alarms: Mapping[str, str]
    ttl: int
    metrics: Metrics
    client: Callable[[str], AlarmReader] = client

    def __call__(self, alarm_region: str, regions: Sequence[str]) -> dict[str, bool]:
        """Return whether switches of earlier regions, in an alarm region, have long been at `back`.

        The watcher puts switches each minute while its region fails, and an operator must be able
        to switch an earlier one back at that time. Regions without an alarm there are left out. If
        CloudWatch does not return the alarms, which is counted as `unread`, all are: the next
        alarm region, or the next minute's watch, tries again.
        """
        names = {self.alarms[region]: region for region in regions if region in self.alarms}
        if not names:
            return {}
        try:
            response = self.client(alarm_region).describe_alarms(AlarmNames=[*names])
            alarms = response["MetricAlarms"]
            return {names[each["AlarmName"]]: _is_settled(each, self.ttl) for each in alarms}
        except Exception as error:  # noqa: BLE001 - any failure means that nothing is known
            self.metrics.count("unread", cause=class_and_code(error))
            return {}


@dataclass(frozen=True, kw_only=True)
class SwitchAlarm:
    """The alarm of the watched region's switch; `ttl` is the device name's, in seconds."""

    name: str
    alarm_region: str
    ttl: int
    metrics: Metrics
    client: Callable[[str], AlarmReader] = client

    def is_settled(self) -> bool | None:
        """Whether the switch has been at `back` for so long that every resolver has the new answer.

        False while the alarm is in state ALARM (`away`) or if its state changed in the last ten
        minutes and the TTL: the answer may then lead elsewhere because of the switch. None, counted
        as `unread`, if CloudWatch does not return the alarm.
        """
        try:
            response = self.client(self.alarm_region).describe_alarms(AlarmNames=[self.name])
            (alarm,) = response["MetricAlarms"]
        except Exception as error:  # noqa: BLE001 - any failure means that nothing is known
            self.metrics.count("unread", cause=class_and_code(error))
            return None
        return _is_settled(alarm, self.ttl)


def _is_settled(alarm: Mapping[str, Any], ttl: int) -> bool:
    returning = (_RETURN_SECONDS + ttl) * SECOND
    is_recent = datetime.now(UTC) - alarm["StateUpdatedTimestamp"] < returning
    return alarm["StateValue"] != "ALARM" and not is_recent
