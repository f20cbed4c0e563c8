"""How the alarms of switches differ from those that `iot-dr switch` and watchers expect."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.alarm_delivery import ACTIONS
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.metric_alarms import ALARM, MetricAlarm, metric_alarms
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.switch_metric import SWITCH_ALARM, switch_alarm_name

# Arguments that decide when an alarm goes off, and that the alarm of a switch does not have.
_UNUSUAL: Final = ("datapoints_to_alarm", "evaluate_low_sample_count_percentiles", "unit")


def switch_deviations(resources: ResourceSet, expected: DesignExpectation) -> Iterator[str]:
    """Yield the deviations of each alarm on the metric of the environment's switches.

    With a second alarm the devices may still be moved, so that a proof needs none of them.
    """
    for resource in resources.of_type(ALARM):
        alarm = metric_alarms(resources)[resource.id]
        if alarm.is_of_switch(expected.environment):
            yield from _of_alarm(resources, resource, alarm, expected)


def _of_alarm(
    resources: ResourceSet, resource: Resource, alarm: MetricAlarm, expected: DesignExpectation
) -> Iterator[str]:
    address = alarm.address
    for argument, wanted in SWITCH_ALARM.items():
        value = resources.resolve(resource, resource.values.get(argument))
        if (f"{value:g}" if isinstance(value, float) else str(value)) != str(wanted):
            yield f"{address} has the {argument} {value}, and usually {wanted}"
    for argument in _UNUSUAL:
        if value := resource.values.get(argument):
            yield f"{address} has the {argument} {value}, and usually none"
    region = alarm.dimensions.get("Region", "")
    wanted_name = switch_alarm_name(expected.context, region)
    if alarm.name not in {address, wanted_name}:
        yield f"{address} has the name {alarm.name}, and `iot-dr status` reads {wanted_name}"
    # docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    if str(resource.values.get("actions_enabled")).lower() == "false":
        yield f"{address} notifies nobody: its actions are not enabled"
    for argument in ACTIONS:
        if not texts(resource.values.get(argument)):
            yield f"{address} notifies nobody: it has no {argument}"
