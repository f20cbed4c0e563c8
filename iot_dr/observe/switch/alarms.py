"""The alarms of switches, as the regions that keep them tell."""

from collections.abc import Callable
from typing import cast

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.metric import alarm_name
from iot_dr.route53.check import AlarmState


class NoAlarmError(UserError):
    """There is no alarm that would follow a region's switch."""


def alarm_state(settings: Settings, clients: Clients, region: str) -> AlarmState:
    """Ask the keeper of a region for the state of its switch.

    Raises NoAlarmError when no such alarm is there, AwsError when the keeper does not tell.
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
    """Give the question for each region's switch, to be asked all at once by `gather`."""

    def asking(region: str) -> Callable[[], AlarmState]:
        return lambda: alarm_state(settings, clients, region)

    return {region: asking(region) for region in settings.regions}
