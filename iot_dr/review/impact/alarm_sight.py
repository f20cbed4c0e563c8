"""The alarms of a set, and the health checks that follow them, before or after."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from iot_dr.review.impact.states import states
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ALARM: Final = "aws_cloudwatch_metric_alarm"


class AlarmSights:
    """Knows alarms by name, those that go included."""

    def __init__(
        self, resources: ResourceSet, alarms: Iterable[Resource], checks: Iterable[Resource]
    ) -> None:
        self._named: defaultdict[str, list[Resource]] = defaultdict(list)
        for alarm in alarms:
            for name in {text(values.get("alarm_name")) for values in states(alarm)}:
                self._named[name].append(alarm)
        self._following: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
        for check in checks:
            places = {
                (
                    text(resources.resolve(check, values.get("cloudwatch_alarm_name"))),
                    text(values.get("cloudwatch_alarm_region")),
                )
                for values in states(check)
            }
            for place in places:
                self._following[place].append(check)

    def named(self, name: str) -> tuple[Resource, ...]:
        """Give the alarms of a name."""
        return tuple(self._named.get(name, ()))

    def checks_on(self, alarm: Resource, name: str) -> tuple[Resource, ...]:
        """Give the checks that follow an alarm of a name."""
        if not name:
            return ()
        places = [(name, region) for region in ("", alarm.region or "")]
        return tuple(each for place in places for each in self._following.get(place, ()))
