"""Checks whether a region that was switched away still gets new connections."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.metrics import CONNECTS, IOT_NAMESPACE, PINGS
from iot_dr.observe.status.name_answers import DeviceNameQuery, NameAnswer
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import Unknown
from iot_dr.observe.switch.alarms import read_switch

QUIET: Final = timedelta(minutes=5)
"""Time without connects in a drained region.

assumed: CloudWatch has a minute's data a minute later; AWS documents no delay.
"""

_HISTORY: Final = timedelta(hours=12)
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainView:
    """The switch's alarm, the answers of the zone's name servers, and the broker's metrics.

    `connects` and `pings` are sums over the last five minutes, of all devices of the account.
    """

    alarm: str | Unknown
    answers: frozenset[str] | Unknown
    connects: int | Unknown
    pings: int | Unknown


@dataclass(kw_only=True)
class Drain:
    """Checks whether a region is drained; `clock` returns seconds.

    A region is drained if its switch's alarm is in ALARM, no name server of the zone has led to it
    for a TTL and the devices' longest back-off, and nobody has connected for five minutes. Name
    servers that do not answer are ignored unless none does. Unknown broker metrics do not block and
    are reported; an unknown alarm or DNS answer blocks. With `is_forced`, connects do not block
    either. Connected devices do not block: nothing moves them.
    """

    settings: Settings
    region: str
    clients: Clients
    network: Network
    clock: Callable[[], float]
    is_forced: bool = False
    seen: DrainView | None = field(default=None, init=False)
    _led_elsewhere: float | None = field(default=None, init=False)

    @property
    def bound(self) -> float:
        """Seconds after a change of the answer until no device uses the old one."""
        return float(self.settings.endpoint.ttl + self.settings.recovery.backoff_ceiling)

    def missing(self) -> str:
        """Check again, and return what is missing; "" if the region is drained."""
        self.seen = self.look()
        return "; ".join(self._missing(self.seen))

    def look(self) -> DrainView:
        """Return the current state of all conditions, read concurrently."""
        works: dict[str, Callable[[], Any]] = {
            "alarm": partial(read_switch, self.settings, self.clients, self.region),
            "answers": self._answers,
            "connects": partial(self._sum, CONNECTS),
            "pings": partial(self._sum, PINGS),
        }
        return DrainView(**query_all(works, self.network.limits.total))

    def _missing(self, seen: DrainView) -> Iterator[str]:
        keepers = " and ".join(self.settings.keepers(self.region))
        if isinstance(seen.alarm, Unknown):
            yield f"the state of its alarm in {keepers} is unknown: {seen.alarm.reason}"
        elif seen.alarm != "ALARM":
            yield f"its alarm in {keepers} is {seen.alarm}"
        yield from self._about_answers(seen.answers)
        if isinstance(seen.connects, int) and seen.connects and not self.is_forced:
            yield f"{seen.connects} connects in the last {_minutes()}"

    def _about_answers(self, answers: frozenset[str] | Unknown) -> Iterator[str]:
        # The bound restarts whenever the region may have been the answer in between.
        if isinstance(answers, Unknown):
            self._led_elsewhere = None
            yield f"the answer of the zone's own servers is unknown: {answers.reason}"
        elif self.region in answers:
            self._led_elsewhere = None
            yield f"the zone's own servers still lead to {self.region}"
        elif not answers.issubset(self.settings.regions):
            self._led_elsewhere = None
            yield f"the zone's own servers lead to {' or '.join(sorted(answers))}"
        else:
            if self._led_elsewhere is None:
                self._led_elsewhere = self.clock()
            if self.clock() < self._led_elsewhere + self.bound:
                to = " or ".join(sorted(answers))
                yield (
                    f"the zone's own servers lead to {to}; waiting {self.bound:.0f} s for"
                    " cached answers and devices that back off"
                )

    def _answers(self) -> frozenset[str]:
        views = DeviceNameQuery(settings=self.settings, network=self.network).authoritative()
        answers = [view.answer for view in views if isinstance(view.answer, NameAnswer)]
        if not answers:
            raise DnsError("none of them answers")
        return frozenset(answer.summary for answer in answers)

    def _sum(self, metric: str) -> int:
        """Return the sum of a broker metric over five minutes.

        AWS IoT publishes it every minute; a minute without events has no data point:
        docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html. Raises UserError if
        there is none in 12 hours, since then the metric may not be published at all.
        """
        now = datetime.now(UTC)
        answer = self.clients.call(
            "cloudwatch",
            self.region,
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
