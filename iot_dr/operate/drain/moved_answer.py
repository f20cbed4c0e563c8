"""Checks whether the device name has moved away from a region for long enough."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.name_answers import DeviceNameQuery, NameAnswer
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.alarms import read_switch


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """The switch's alarm, and the regions in the answers of the zone's name servers."""

    alarm: str | UnknownValue
    answers: frozenset[str] | UnknownValue


@dataclass(kw_only=True)
class MovedAnswer:
    """Checks whether a region's switch has moved the answer, `seconds` ago; `clock` is in seconds.

    Name servers that do not answer are ignored unless none does; an unknown alarm or answer counts
    as not moved. `because` says what the seconds are for.
    """

    settings: Settings
    region: str
    clients: Clients
    network: Network
    clock: Callable[[], float]
    seconds: float
    because: str
    _led_elsewhere: float | None = field(default=None, init=False)

    @property
    def works(self) -> Mapping[str, Callable[[], Any]]:
        """The functions that read the fields of an AnswerView."""
        return {
            "alarm": partial(read_switch, self.settings, self.clients, self.region),
            "answers": self.answers,
        }

    def missing(self) -> str:
        """Check again, and return what is missing; "" if the answer has moved."""
        view = AnswerView(**query_all(self.works, self.network.limits.total))
        return "; ".join(self.problems(view))

    def problems(self, view: AnswerView) -> Iterator[str]:
        """Yield what is missing in a view of this moment."""
        alarm, alarm_regions = view.alarm, " and ".join(self.settings.alarm_regions(self.region))
        if isinstance(alarm, UnknownValue):
            yield f"the state of its alarm in {alarm_regions} is unknown: {alarm.reason}"
        elif alarm != "ALARM":
            yield f"its alarm in {alarm_regions} is {alarm}"
        yield from self._about_answers(view.answers)

    def _about_answers(self, answers: frozenset[str] | UnknownValue) -> Iterator[str]:
        # The time restarts whenever the region may have been the answer in between.
        if isinstance(answers, UnknownValue):
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
            if self.clock() < self._led_elsewhere + self.seconds:
                to = " or ".join(sorted(answers))
                yield (
                    f"the zone's own servers lead to {to}; waiting {self.seconds:.0f} s for"
                    f" {self.because}"
                )

    def answers(self) -> frozenset[str]:
        """Return the regions that the zone's own servers lead to; raises DnsError if none answers.

        A foreign name is returned as its summary.
        """
        views = DeviceNameQuery(settings=self.settings, network=self.network).authoritative()
        answers = [view.answer for view in views if isinstance(view.answer, NameAnswer)]
        if not answers:
            raise DnsError("none of them answers")
        return frozenset(answer.summary for answer in answers)
