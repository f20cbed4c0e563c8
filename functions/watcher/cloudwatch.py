"""The client of CloudWatch, as the watcher calls it."""

from datetime import datetime
from typing import Any, Protocol, cast

_CONNECT_SECONDS = 1
_READ_SECONDS = 2
CALL_SECONDS = _CONNECT_SECONDS + _READ_SECONDS
"""The longest time of one attempt at one address, without the lookup of its name."""


class MetricWriter(Protocol):
    """The call of boto3's CloudWatch client that puts metrics; the names are boto3's."""

    def put_metric_data(
        self,
        *,
        Namespace: str,  # noqa: N803 - boto3's name
        MetricData: list[dict[str, Any]],  # noqa: N803 - boto3's name
    ) -> object:
        """Put data points of metrics."""
        ...


class CloudWatch(MetricWriter, Protocol):
    """The calls of boto3's CloudWatch client that are used here; the names are boto3's."""

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


def client(region: str, *, attempts: int = 1) -> CloudWatch:
    """Return boto3's client of a region, whose calls end within `attempts` * CALL_SECONDS.

    Waits between attempts come on top.
    """
    # Not needed by a watch of an instance that has recorded all, and a good part of a cold start.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return cast("CloudWatch", cast("Any", boto3).client("cloudwatch", region, config=config))
