"""The alarms of switches, as Terraform has them."""

from dataclasses import replace
from typing import Final, get_args

from iot_dr.drill.world.design import Design, error_at
from iot_dr.drill.world.world import Alarm
from iot_dr.route53.check import HealthCheck, Missing
from iot_dr.terraform_json.expression import literal, references
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from modules.switch_metric import SWITCH_METRIC, switch_namespace

_ALARM: Final = "aws_cloudwatch_metric_alarm"
_AS_SWITCHES_ARE: Final = {
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "treat_missing_data": "ignore",
    "evaluation_periods": "1",
}


class AlarmReader:
    """Reads the alarms that checks follow, and notes those of switches in `alarms` by id."""

    def __init__(self, design: Design, environment: str) -> None:
        self._design = design
        self._namespace = switch_namespace(environment)
        self.alarms: dict[str, Alarm] = {}

    def read(self, check: Resource, common: HealthCheck) -> HealthCheck:
        """Complete a check that follows an alarm.

        Raises WorldError for an alarm that leads nowhere, or that stands in another region than the
        check looks in.
        """
        told = self._design.word(check, "insufficient_data_health_status")
        missing = next((each for each in get_args(Missing) if each == told), common.missing)
        value = check.values.get("cloudwatch_alarm_name")
        alarm = self._design.resources.referred(check, value)
        if alarm is None and (references(value) or value is None):
            raise error_at(check, f"cloudwatch_alarm_name leads to no alarm: {value}")
        if alarm is not None:
            self._refuse_other_region(check, alarm)
        if alarm is None or not self._is_switch(alarm):
            what = alarm.id if alarm else value
            told = (
                f"it follows {what}, which is no switch: it is not rehearsed and counts as healthy"
            )
            self._design.leave_out(check, told)
            return replace(common, type="CLOUDWATCH_METRIC", missing=missing)
        self._note(alarm)
        return replace(common, type="CLOUDWATCH_METRIC", missing=missing, alarm=alarm.id)

    def _refuse_other_region(self, check: Resource, alarm: Resource) -> None:
        region = self._design.word(check, "cloudwatch_alarm_region")
        if region and alarm.region and region != alarm.region:
            where = f"{alarm.id} stands in {alarm.region}"
            raise error_at(check, f"cloudwatch_alarm_region is {region}, and {where}")

    def _is_switch(self, alarm: Resource) -> bool:
        word = self._design.word
        return (
            alarm.type == _ALARM
            and alarm.region is not None
            # A namespace has slashes, which no word has.
            and self._design.resources.resolve(alarm, alarm.values.get("namespace"))
            == self._namespace
            and word(alarm, "metric_name") == SWITCH_METRIC
        )

    def _note(self, alarm: Resource) -> None:
        for key, wanted in _AS_SWITCHES_ARE.items():
            value = alarm.values.get(key)
            if value is not None and str(value) != wanted:
                self._design.leave_out(alarm, f"{key} is rehearsed as {wanted}, and is {value}")
        resolve = self._design.resources.resolve
        dimensions = {
            key: literal(resolve(alarm, value)) or str(value)
            for key, value in mapping(alarm.values.get("dimensions")).items()
        }
        self.alarms[alarm.id] = Alarm(
            id=alarm.id,
            region=alarm.region or "",
            namespace=self._namespace,
            metric=SWITCH_METRIC,
            dimensions=dimensions,
            threshold=self._design.whole(alarm, "threshold", 1),
            period=self._design.whole(alarm, "period", 60),
        )
