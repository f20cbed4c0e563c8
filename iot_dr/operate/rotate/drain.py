"""Checks whether a region that was switched away still gets new devices."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.name_answers import DeviceNameQuery, NameAnswer
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import Unknown
from iot_dr.observe.switch.alarms import alarm_state

QUIET: Final = timedelta(minutes=5)
"""The time without a connect; CloudWatch has the data of a minute one minute later."""

_HISTORY: Final = timedelta(hours=12)
_NAMESPACE: Final = "AWS/IoT"
_CONNECTS: Final = "Connect.Success"
_PINGS: Final = "Ping.Success"
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainView:
    """The switch's alarm, the answers of the zone's own servers, and the broker's metrics.

    `connects` and `pings` are those of the last five minutes, of all of the account's devices.
    """

    alarm: str | Unknown
    answers: frozenset[str] | Unknown
    connects: int | Unknown
    pings: int | Unknown


@dataclass(kw_only=True)
class Drain:
    """Looks at a region until it is drained, by `clock`, in seconds.

    Drained is: the alarm of its switch is in ALARM, no server of the zone leads to it, a TTL and
    the devices' longest back-off have passed since that was first seen, and nobody has connected
    for five minutes. Unknown metrics of the broker block nothing, and are reported; an unknown
    alarm or DNS answer does block. With `is_forced` the broker's connects do not block either.
    Connected devices are not waited for: nothing moves them.
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
        """Seconds after a change of the answer until no device follows the old one any more."""
        return float(self.settings.endpoint.ttl + self.settings.recovery.backoff_ceiling)

    def missing(self) -> str:
        """Look, and return what is missing; "" when the region is drained."""
        self.seen = self.look()
        return "; ".join(self._missing(self.seen))

    def look(self) -> DrainView:
        """Look at all of it at once."""
        works: dict[str, Callable[[], Any]] = {
            "alarm": partial(alarm_state, self.settings, self.clients, self.region),
            "answers": self._answers,
            "connects": partial(self._sum, _CONNECTS),
            "pings": partial(self._sum, _PINGS),
        }
        return DrainView(**query_all(works, self.network.limits.total))

    def _missing(self, seen: DrainView) -> Iterator[str]:
        keeper = self.settings.keeper(self.region)
        if isinstance(seen.alarm, Unknown):
            yield f"whether its alarm in {keeper} has followed is unknown: {seen.alarm.reason}"
        elif seen.alarm != "ALARM":
            yield f"its alarm in {keeper} is {seen.alarm}"
        yield from self._about_answers(seen.answers)
        if isinstance(seen.connects, int) and seen.connects and not self.is_forced:
            yield f"{seen.connects} connects in the last {_minutes()}"

    def _about_answers(self, answers: frozenset[str] | Unknown) -> Iterator[str]:
        # The bound starts anew whenever the region may have been the answer in between.
        if isinstance(answers, Unknown):
            self._led_elsewhere = None
            yield f"where the zone's own servers lead is unknown: {answers.reason}"
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
                    f"the zone's own servers lead to {to}; {self.bound:.0f} s for resolvers and"
                    " devices that back off to hear of it"
                )

    def _answers(self) -> frozenset[str]:
        views = DeviceNameQuery(settings=self.settings, network=self.network).authoritative()
        answers = [each.answer for each in views if isinstance(each.answer, NameAnswer)]
        if not answers:
            raise DnsError("none of them answers")
        return frozenset(each.summary for each in answers)

    def _sum(self, metric: str) -> int:
        """Return the sum of a broker's metric, which AWS IoT sends every minute, over five minutes.

        docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html; a minute without
        events has no data. Raises UserError if 12 hours have none: the metric may not be published
        at all.
        """
        now = datetime.now(UTC)
        answer = self.clients.call(
            "cloudwatch",
            self.region,
            "get_metric_statistics",
            Namespace=_NAMESPACE,
            MetricName=metric,
            Dimensions=[{"Name": "Protocol", "Value": "MQTT"}],
            StartTime=now - _HISTORY,
            EndTime=now,
            Period=_MINUTE,
            Statistics=["Sum"],
        )
        if not answer["Datapoints"]:
            raise UserError(f"{_NAMESPACE} tells none of the last {_HISTORY.seconds // 3600} hours")
        new = (each for each in answer["Datapoints"] if each["Timestamp"] >= now - QUIET)
        return int(sum(each["Sum"] for each in new))


def _minutes() -> str:
    return f"{QUIET.total_seconds() / _MINUTE:.0f} minutes"
