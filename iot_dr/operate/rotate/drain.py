"""Checks whether a region that was switched away still gets new connections."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from iot_dr.common.user_error import UserError
from iot_dr.observe.status.metrics import CONNECTS, IOT_NAMESPACE, PINGS
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.operate.drain.moved_answer import AnswerView, MovedAnswer

QUIET: Final = timedelta(minutes=5)
"""Time without connects in a drained region.

assumed: CloudWatch has a minute's data a minute later; AWS documents no delay.
"""

_HISTORY: Final = timedelta(hours=12)
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainView(AnswerView):
    """The switch's alarm, the answers of the zone's name servers, and the broker's metrics.

    `connects` and `pings` are sums over the last five minutes, of all devices of the account.
    """

    connects: int | UnknownValue
    pings: int | UnknownValue


@dataclass(kw_only=True)
class Drain:
    """Checks whether a region is drained.

    A region is drained if its `answer` has moved for a TTL and the devices' longest back-off, and
    nobody has connected for five minutes. Unknown broker metrics do not block and are reported; an
    unknown alarm or DNS answer blocks. With `is_forced`, connects do not block either. Connected
    devices do not block: only `--drain` moves them.
    """

    answer: MovedAnswer
    is_forced: bool = False
    seen: DrainView | None = field(default=None, init=False)

    def missing(self) -> str:
        """Check again, and return what is missing; "" if the region is drained."""
        self.seen = self.look()
        return "; ".join(self._missing(self.seen))

    def look(self) -> DrainView:
        """Return the current state of all conditions, read concurrently."""
        works: dict[str, Callable[[], Any]] = {
            **self.answer.works,
            "connects": partial(self._sum, CONNECTS),
            "pings": partial(self._sum, PINGS),
        }
        return DrainView(**query_all(works, self.answer.network.limits.total))

    def _missing(self, seen: DrainView) -> Iterator[str]:
        yield from self.answer.problems(seen)
        if isinstance(seen.connects, int) and seen.connects and not self.is_forced:
            yield f"{seen.connects} connects in the last {_minutes()}"

    def _sum(self, metric: str) -> int:
        """Return the sum of a broker metric over five minutes.

        AWS IoT publishes it every minute; a minute without events has no data point:
        docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html. Raises UserError if
        there is none in 12 hours, since then the metric may not be published at all.
        """
        now = datetime.now(UTC)
        answer = self.answer.clients.call(
            "cloudwatch",
            self.answer.region,
            "get_metric_statistics",
            Namespace=IOT_NAMESPACE,
            MetricName=metric,
            Dimensions=[{"Name": "Protocol", "Value": "MQTT"}],
            StartTime=now - _HISTORY,
            EndTime=now,
            Period=_MINUTE,
            Statistics=["Sum"],
        )
        if not answer["Datapoints"]:
            raise UserError(
                f"{IOT_NAMESPACE} has no data of the last {_HISTORY.seconds // 3600} hours"
            )
        recent = (point for point in answer["Datapoints"] if point["Timestamp"] >= now - QUIET)
        return int(sum(point["Sum"] for point in recent))


def _minutes() -> str:
    return f"{QUIET.total_seconds() / _MINUTE:.0f} minutes"
