"""boto3's CloudWatch client with the watcher's timeouts."""

from datetime import datetime
from typing import Any, Protocol, cast

_CONNECT_SECONDS = 1
_READ_SECONDS = 2
CALL_SECONDS = _CONNECT_SECONDS + _READ_SECONDS
"""Seconds: the maximum of one attempt at one address, without the DNS lookup."""


class MetricWriter(Protocol):
    """The method of boto3's CloudWatch client that puts metrics; the names are boto3's."""

    def put_metric_data(
        self,
        *,
        Namespace: str,  # noqa: N803 - boto3's name
        MetricData: list[dict[str, Any]],  # noqa: N803 - boto3's name
    ) -> object:
        """Put data points of metrics."""
        ...


class AlarmReader(Protocol):
    """The method of boto3's CloudWatch client that reads alarms; the names are boto3's."""

    def describe_alarms(self, *, AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return the alarms of these names with their states."""
        ...


class CloudWatchClient(MetricWriter, AlarmReader, Protocol):
    """The methods of boto3's CloudWatch client that are used here; the names are boto3's."""

    def get_metric_statistics(  # noqa: PLR0913 - boto3's arguments
        self,
        *,
        Namespace: str,  # noqa: N803 - boto3's name
        MetricName: str,  # noqa: N803 - boto3's name
        Dimensions: list[dict[str, Any]],  # noqa: N803 - boto3's name
        StartTime: datetime,  # noqa: N803 - boto3's name
        EndTime: datetime,  # noqa: N803 - boto3's name
        Period: int,  # noqa: N803 - boto3's name
        Statistics: list[str],  # noqa: N803 - boto3's name
    ) -> dict[str, Any]:
        """Return the data points of a metric, at most 1,440."""
        ...


def client(region: str, *, attempts: int = 1) -> CloudWatchClient:
    """Return a region's client, whose calls end within `attempts` * CALL_SECONDS.

    The pauses between attempts come on top.
    """
    # Imported late: a large part of a cold start, and not needed once this instance has recorded
    # every region.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return cast("CloudWatchClient", cast("Any", boto3).client("cloudwatch", region, config=config))
