"""Metrics of devices and of health checks, by the minute."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsCall, NoAnswerError
from modules.global_region import GLOBAL_REGION

IOT_NAMESPACE: Final = "AWS/IoT"
CONNECTS: Final = "Connect.Success"
PINGS: Final = "Ping.Success"
# docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html (message broker,
# authentication). A scan of the endpoint counts as `Connection.AuthNError` too.
_REFUSED: Final = ("Connect.AuthError", "Connection.AuthNError")
_FAILED: Final = ("Connect.ClientError", "Connect.ServerError")
_THROTTLED: Final = "Connect.Throttle"
_MESSAGES: Final = (PINGS, "PublishIn.Success")

WINDOW: Final = 60
"""Minutes that are read."""
_RECENT: Final = 20
"""Minutes within which two losses are the same outage."""
_LATE: Final = 2
"""Minutes that a metric may be late: assumed, AWS documents no delay."""
_NOW: Final = slice(WINDOW - _LATE - 3, WINDOW - _LATE)
LAST: Final = slice(WINDOW - 10, WINDOW)
"""The last ten minutes of a series."""
_BEFORE: Final = slice(0, WINDOW - 10)
_FEWEST: Final = 5
"""Events in ten minutes below which a share says nothing."""
_BURST: Final = 0.3
"""The part of the devices that are many at once."""
_LOSS: Final = 0.2
"""The part of the messages of a minute that a loss of some seconds costs."""
FEW: Final = 0.05
"""A share of connects that single devices may cause."""

EVENTS: Final = ("connects", "refused", "failed", "throttled", "messages")
"""The fields of `Devices`."""

Series = tuple[float | None, ...]
"""A value for each of the last `WINDOW` full minutes, oldest first; None without data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """Events of all devices of the account in a region, in each full minute, oldest first.

    `refused` are connects that AWS IoT does not authorize or authenticate, `failed` those with
    another error of the client or the server; `messages` are publishes and pings, a sign of open
    connections.
    """

    connects: tuple[float, ...]
    refused: tuple[float, ...]
    failed: tuple[float, ...]
    throttled: tuple[float, ...]
    messages: tuple[float, ...]

    @property
    def have_left(self) -> bool:
        """Whether messages have almost ended, though there were some."""
        return self.share_left < 0.2  # noqa: PLR2004 - few links outlive an outage of their region

    @property
    def are_sending(self) -> bool:
        """Whether there are about as many messages as usual."""
        return self.rates("messages")[0] >= 1 and self.share_left > 0.5  # noqa: PLR2004 - most

    @property
    def share_left(self) -> float:
        """The part of the usual messages that there are now; 1 if there were hardly any."""
        before, now = self.rates("messages")
        return now / before if before >= 1 else 1.0

    def rates(self, what: str) -> tuple[float, float]:
        """Return the usual events a minute, the median, and those of now."""
        series: tuple[float, ...] = getattr(self, what)
        return median(series[_BEFORE]), sum(series[_NOW]) / 3

    def share(self, what: str, over: slice = LAST) -> float:
        """Return the share of `refused` or `failed` among connects, 0 if they are few or usual."""
        series: tuple[float, ...] = getattr(self, what)
        count, connects = sum(series[over]), sum(self.connects[over])
        minutes = len(series[over])
        usual = sorted(series)[WINDOW // 4] * minutes
        is_unusual = count > _FEWEST and count > 3 * usual
        return count / (count + connects) if is_unusual else 0.0

    @property
    def all_are_refused(self) -> bool:
        """Whether there were hardly any messages in the latest minute with refusals."""
        refusing = [minute for minute in range(WINDOW) if self.refused[minute]]
        usual, _ = self.rates("messages")
        return bool(refusing) and self.messages[refusing[-1]] < usual * FEW

    @property
    def were_refused(self) -> bool:
        """Whether at some time of the window most connects of ten minutes were refused."""
        tens = (slice(begin, begin + 10) for begin in range(0, WINDOW - 9, 5))
        return any(self.share("refused", ten) > 0.5 for ten in tens)  # noqa: PLR2004 - most

    @property
    def returns(self) -> int:
        """How often in 20 minutes messages fell and many devices at once connected again."""
        high = max(5 * median(self.connects) + _FEWEST, max(self.connects[-_RECENT:]) * _BURST)
        returns = 0
        for minute in range(WINDOW - _RECENT, WINDOW):
            is_burst = self.connects[minute] > high >= self.connects[minute - 1]
            before = max(self.messages[minute - 5 : minute])
            after = max(self.messages[minute : minute + 5])
            fell = min(self.messages[minute - 1 : minute + 1]) < before * (1 - _LOSS)
            returns += is_burst and fell and before > after * _BURST
        return returns


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckHistory:
    """The least and greatest status of a health check in each minute: 1 is healthy, 0 is not."""

    least: Series
    greatest: Series

    @property
    def minutes_failing(self) -> int:
        """The latest full minutes with data in which the check was never healthy."""
        known = [each for each in self.greatest if each is not None]
        return next((n for n, each in enumerate(reversed(known)) if each), len(known))

    @property
    def changes(self) -> int:
        """Minutes of the last 20 in which the status has changed."""
        both = zip(self.least[-_RECENT:], self.greatest[-_RECENT:], strict=True)
        return sum(low == 0 and high == 1 for low, high in both)


def read_devices(clients: Clients, region: str) -> Devices:
    """Return the events of devices in a region; a minute without an event has no data.

    Raises AwsError if CloudWatch does not answer there or refuses.
    """
    names = (CONNECTS, *_REFUSED, *_FAILED, _THROTTLED, *_MESSAGES)
    dimensions = {"Protocol": "MQTT"}
    seen = read_series(
        clients, region, [metric(IOT_NAMESPACE, name, dimensions, "Sum") for name in names]
    )
    by_name = dict(zip(names, seen, strict=True))

    def total(*parts: str) -> tuple[float, ...]:
        columns = zip(*(by_name[part] for part in parts), strict=True)
        return tuple(sum(each or 0.0 for each in column) for column in columns)

    return Devices(
        connects=total(CONNECTS),
        refused=total(*_REFUSED),
        failed=total(*_FAILED),
        throttled=total(_THROTTLED),
        messages=total(*_MESSAGES),
    )


def read_histories(clients: Clients, ids: Iterable[str]) -> dict[str, CheckHistory]:
    """Return the history of each health check by id; raises AwsError."""
    ids = list(ids)
    wanted = [
        metric("AWS/Route53", "HealthCheckStatus", {"HealthCheckId": id_}, statistic)
        for id_ in ids
        for statistic in ("Minimum", "Maximum")
    ]
    seen = read_series(clients, GLOBAL_REGION, wanted)
    pairs = zip(seen[::2], seen[1::2], strict=True)
    return {
        id_: CheckHistory(least=least, greatest=greatest)
        for id_, (least, greatest) in zip(ids, pairs, strict=True)
    }


def metric(
    namespace: str, name: str, dimensions: Mapping[str, str], statistic: str
) -> dict[str, Any]:
    """Return the query of a metric by the minute."""
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
    return {"Metric": metric, "Period": 60, "Stat": statistic}


def read_series(
    clients: Clients, region: str, metrics: Sequence[Mapping[str, Any]]
) -> list[Series]:
    """Return a series for each metric; one page has up to 100,800 values.

    Raises AwsError also if CloudWatch answers without all data of a metric, as none means zero.
    """
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    begin = end - timedelta(minutes=WINDOW)
    queries = [{"Id": f"m{place}", "MetricStat": each} for place, each in enumerate(metrics)]
    answer = clients.call(
        "cloudwatch",
        region,
        "get_metric_data",
        MetricDataQueries=queries,
        StartTime=begin,
        EndTime=end,
    )
    results = {each["Id"]: each for each in answer["MetricDataResults"]}
    for query in queries:
        status = results.get(query["Id"], {}).get("StatusCode", "missing")
        if status != "Complete":
            asked = AwsCall.of("cloudwatch", region, "get_metric_data")
            raise NoAnswerError(f"{asked}: the data of a metric are not complete ({status})")
    return [_series(results[query["Id"]], begin) for query in queries]


def _series(result: Mapping[str, Any], begin: datetime) -> Series:
    pairs = zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True)
    values = {int((at - begin).total_seconds() // 60): value for at, value in pairs}
    return tuple(values.get(minute) for minute in range(WINDOW))
