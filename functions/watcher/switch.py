"""The primary's switch, which the watcher can only put to `away`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from functions.probe.aws_error import class_and_code

_ATTEMPTS = 3
_CONNECT_SECONDS = 1
_READ_SECONDS = 2
# The SDK waits up to 1 s and up to 2 s before its second and third attempt:
# docs.aws.amazon.com/boto3/latest/guide/retries.html
PUT_SECONDS = _ATTEMPTS * (_CONNECT_SECONDS + _READ_SECONDS) + 3


class SwitchError(Exception):
    """The switch could not be put; the message names the class of the reason alone."""


class CloudWatch(Protocol):
    """The call of boto3's CloudWatch client that is used here; the names are boto3's."""

    def put_metric_data(
        self,
        *,
        Namespace: str,  # noqa: N803 - boto3's name
        MetricData: list[dict[str, Any]],  # noqa: N803 - boto3's name
    ) -> object:
        """Put data points of metrics."""
        ...


def _client(region: str) -> CloudWatch:
    # Needed at most once an outage, and a good part of a cold start.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    return cast("CloudWatch", cast("Any", boto3).client("cloudwatch", region, config=config))


@dataclass(frozen=True, kw_only=True)
class Switch:
    """Puts the metric on whose alarm the health checks of `region` depend, in its keeper region."""

    environment: str
    region: str
    keeper: str
    client: Callable[[str], CloudWatch] = _client

    def __call__(self) -> None:
        """Lead devices away; raises SwitchError when CloudWatch does not take the metric."""
        point = {
            "MetricName": "SwitchedAway",
            "Dimensions": [
                {"Name": "Environment", "Value": self.environment},
                {"Name": "Region", "Value": self.region},
            ],
            "Value": 1.0,
        }
        namespace = f"IotDr/Switch/{self.environment}"
        try:
            self.client(self.keeper).put_metric_data(Namespace=namespace, MetricData=[point])
        except Exception as error:  # noqa: BLE001 - told on, without a text that may hold headers
            message = f"the switch of {self.region} could not be put: {class_and_code(error)}"
            raise SwitchError(message) from None
