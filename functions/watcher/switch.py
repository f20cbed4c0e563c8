"""The primary's switch, which the watcher can only put to `away`."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.probe.aws_error import class_and_code
from functions.watcher.cloudwatch import CALL_SECONDS, MetricWriter, client

_ATTEMPTS = 3
# Seconds. The SDK waits up to 1 s before the second attempt and up to 2 s before the third:
# docs.aws.amazon.com/boto3/latest/guide/retries.html
PUT_SECONDS = _ATTEMPTS * CALL_SECONDS + 3


def _client(region: str) -> MetricWriter:
    return client(region, attempts=_ATTEMPTS)


class SwitchError(Exception):
    """The switch could not be put; the message has only the class and error code of the cause."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """Puts the metric whose alarm fails the health checks of `region`, in the region's keeper."""

    environment: str
    region: str
    keeper: str
    client: Callable[[str], MetricWriter] = _client

    def __call__(self) -> None:
        """Put the switch to away; raises SwitchError if CloudWatch does not accept the metric."""
        data_point = {
            "MetricName": "SwitchedAway",
            "Dimensions": [
                {"Name": "Environment", "Value": self.environment},
                {"Name": "Region", "Value": self.region},
            ],
            "Value": 1.0,
        }
        namespace = f"IotDr/Switch/{self.environment}"
        try:
            self.client(self.keeper).put_metric_data(Namespace=namespace, MetricData=[data_point])
        except Exception as error:  # noqa: BLE001 - raised without its text, which may hold headers
            message = f"the switch of {self.region} could not be put: {class_and_code(error)}"
            raise SwitchError(message) from None
