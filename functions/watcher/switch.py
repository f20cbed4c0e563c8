"""The switch of the watched region, which the watcher can only put to `away`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.probe.aws_error import class_and_code
from functions.probe.metrics import Metrics
from functions.watcher.cloudwatch import CALL_SECONDS, AlarmReader, MetricWriter, client

_ATTEMPTS = 3
# Seconds. The SDK waits up to 1 s before the second attempt and up to 2 s before the third:
# docs.aws.amazon.com/boto3/latest/guide/retries.html
PUT_SECONDS = _ATTEMPTS * CALL_SECONDS + 3
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
    """Puts the metrics whose alarms fail the health checks of `regions`, in the first of `keepers`.

    If that does not accept them, in the next one: one alarm is enough.
    """

    environment: str
    regions: Sequence[str]
    keepers: Sequence[str]
    client: Callable[[str], MetricWriter] = _client

    def __call__(self) -> None:
        """Put the switches to away; raises SwitchError if no keeper accepts the metrics.

        A region whose switch is not kept there gets a data point that no alarm follows.
        """
        data_points = [
            {
                "MetricName": "SwitchedAway",
                "Dimensions": [
                    {"Name": "Environment", "Value": self.environment},
                    {"Name": "Region", "Value": region},
                ],
                "Value": 1.0,
            }
            for region in self.regions
        ]
        namespace, causes = f"IotDr/Switch/{self.environment}", list[str]()
        for keeper in self.keepers:
            try:
                self.client(keeper).put_metric_data(Namespace=namespace, MetricData=data_points)
            except Exception as error:  # noqa: BLE001 - kept without its text, which may hold headers
                causes.append(class_and_code(error))
            else:
                return
        message = f"the switch of {', '.join(self.regions)} could not be set: {', '.join(causes)}"
        raise SwitchError(message)


@dataclass(frozen=True, kw_only=True)
class SwitchAlarm:
    """The alarm of the watched region's switch; `ttl` is the device name's, in seconds."""

    name: str
    keeper: str
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
            response = self.client(self.keeper).describe_alarms(AlarmNames=[self.name])
            (alarm,) = response["MetricAlarms"]
        except Exception as error:  # noqa: BLE001 - any failure means that nothing is known
            self.metrics.count("unread", cause=class_and_code(error))
            return None
        returning = (_RETURN_SECONDS + self.ttl) * SECOND
        is_recent = datetime.now(UTC) - alarm["StateUpdatedTimestamp"] < returning
        return alarm["StateValue"] != "ALARM" and not is_recent
