"""Log of the devices' connections, attempts and messages."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from iot_dr.drill.recording import Connection

_BATCH: Final = 500
_Item = TypeVar("_Item")


@dataclass(slots=True)
class Sent:
    """Counts of a device's messages, which are numbered from 0.

    `acknowledged` are the numbers that a broker acknowledged, `dropped` counts those that a full
    buffer dropped.
    """

    created: int = 0
    dropped: int = 0
    acknowledged: set[int] = field(default_factory=set[int])


@dataclass(slots=True)
class Logbook:
    """Log of all devices; times are the clock's.

    `attempts` are the times of all connects, `refusals` counts the failed ones by reason, and
    `sent` is keyed by device number. `lag` is the 99th percentile of the delay of the devices'
    process, in rehearsed seconds.
    """

    connections: list[Connection] = field(default_factory=list[Connection])
    attempts: list[float] = field(default_factory=list[float])
    refusals: Counter[str] = field(default_factory=Counter[str])
    sent: dict[int, Sent] = field(default_factory=dict[int, Sent])
    lag: float = 0.0

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the log in parts, each short enough for one line of JSON to the parent."""
        for some in _batches(self.connections):
            yield {
                "connections": [(each.device, each.region, each.begin, each.end) for each in some]
            }
        for some in _batches(self.attempts):
            yield {"attempts": some}
        yield {"refusals": self.refusals, "lag": self.lag}
        for some in _batches(list(self.sent.items())):
            yield {"sent": [(device, _written(each)) for device, each in some]}

    def take(self, line: Mapping[str, Any]) -> None:
        """Add a part that `lines` of another logbook yielded, for other devices."""
        for device, region, begin, end in line.get("connections", ()):
            self.connections.append(Connection(device=device, region=region, begin=begin, end=end))
        self.attempts += line.get("attempts", ())
        self.refusals.update(line.get("refusals", {}))
        self.lag = max(self.lag, line.get("lag", 0.0))
        for device, written in line.get("sent", ()):
            created, dropped, spans = written
            self.sent[device] = Sent(created, dropped, set(_numbers(spans)))


def _written(sent: Sent) -> tuple[int, int, list[tuple[int, int]]]:
    return sent.created, sent.dropped, _spans(sent.acknowledged)


def _batches(items: list[_Item]) -> Iterator[list[_Item]]:
    for begin in range(0, len(items), _BATCH):
        yield items[begin : begin + _BATCH]


def _spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Compress numbers to spans (first, last): most are consecutive."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = spans[-1][0], number
        else:
            spans.append((number, number))
    return spans


def _numbers(spans: Iterable[tuple[int, int]]) -> Iterator[int]:
    for first, last in spans:
        yield from range(first, last + 1)
