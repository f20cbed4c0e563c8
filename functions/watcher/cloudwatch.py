"""The part of boto3's CloudWatch client that the watcher uses."""

from datetime import datetime
from typing import Any, Protocol, cast

from functions.aws_client import client as aws_client


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
    """Return a region's client: see `aws_client`."""
    return cast("CloudWatchClient", aws_client("cloudwatch", region, attempts=attempts))
