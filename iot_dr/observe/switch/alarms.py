"""Alarms of the switches, read in the regions that host them (keepers)."""

from collections.abc import Callable
from typing import cast

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.metric import alarm_name
from iot_dr.route53.check import AlarmState


class NoAlarmError(UserError):
    """The alarm of a region's switch does not exist."""


def alarm_state(settings: Settings, clients: Clients, region: str) -> AlarmState:
    """Return the state of the alarm of a region's switch, read in its keeper.

    Raises NoAlarmError if the alarm does not exist, AwsError if the keeper does not answer or
    refuses.
    """
    keeper, name = settings.keeper(region), alarm_name(settings, region)
    answer = clients.call("cloudwatch", keeper, "describe_alarms", AlarmNames=[name])
    for alarm in answer.get("MetricAlarms", ()):
        return cast("AlarmState", alarm["StateValue"])
    message = (
        f"{name}: there is no such alarm in {keeper}, so nothing follows the switch of {region};"
        f" the stack iot-{settings.environment}-entry-point makes it"
    )
    raise NoAlarmError(message)


def alarm_states(settings: Settings, clients: Clients) -> dict[str, Callable[[], AlarmState]]:
    """Return a query for each region's switch, to be run concurrently by `gather`."""

    def asking(region: str) -> Callable[[], AlarmState]:
        return lambda: alarm_state(settings, clients, region)

    return {region: asking(region) for region in settings.regions}
