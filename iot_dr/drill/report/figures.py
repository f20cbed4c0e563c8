"""What was measured in a rehearsal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil, floor, inf
from typing import Final

from iot_dr.drill.recording import Connection, Recording
from iot_dr.drill.report.sample import Sample, Steps

MOST: Final = 0.99
"""The part of the devices that the target is about."""

_SILENT: Final = 5.0
"""Seconds after which half of the links must have ended not to count as silent."""

_AT_ONCE: Final = 1.0
"""Seconds by which a link may seem to end before the outage: two processes tell the times."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, and how many seconds after the outage."""

    at: float
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds count from the outage, unless said otherwise.

    `linked` devices had a link when it began. `recovery` is of those that lost it, until their next
    one that lasted, in whatever region; `link_gap` from the end of a link to the next one that
    lasted; `link_ends` until a device knew that its link was dead. `stranded` devices had one that
    lasted, and none at the end. `outlasted` devices were back only once the outage had been undone,
    or not at all. `before` is the answer when it began, and `was_elsewhere` tells whether that was
    not the primary; `moves` are those that changed since, and
    `detection` is the first check that turned unhealthy. `accepted` and `tried` count connects by
    second.
    """

    devices: int
    linked: int
    recovery: Sample
    link_gap: Sample
    link_ends: Sample
    stranded: int
    outlasted: int
    before: str
    was_elsewhere: bool
    detection: Change | None
    moves: tuple[Change, ...]
    fleet: Mapping[str, Steps]
    accepted: Mapping[int, int]
    tried: Mapping[int, int]
    period: float

    @property
    def flip(self) -> Change | None:
        """The first answer that changed."""
        return self.moves[0] if self.moves else None

    @property
    def lost(self) -> int:
        """Devices that lost their link."""
        return len(self.recovery)

    @property
    def never_back(self) -> int:
        """Devices that lost their link and had no other that lasted until the end."""
        return self.recovery.missing

    @property
    def is_moved(self) -> bool:
        """Whether 99 % of the devices that lost their link were back while the outage was on."""
        return self.outlasted <= (1 - MOST) * self.lost

    @property
    def is_silent(self) -> bool:
        """Whether links died without a word, so that devices only noticed later."""
        return (self.link_ends.p50 or 0.0) > _SILENT

    @property
    def peak_accepted(self) -> int:
        """The most connects that were accepted within one second."""
        return max(self.accepted.values(), default=0)

    @property
    def peak_tried(self) -> int:
        """The most connects that were tried within one second."""
        return max(self.tried.values(), default=0)

    @property
    def message_gap(self) -> float | None:
        """Seconds without any device's message: 0 where one kept its link; None: until the end."""
        return 0.0 if self.lost < self.linked or not self.lost else self.recovery.first

    @property
    def messages_due(self) -> int | None:
        """Messages that a device must keep so that 99 % of them lose none."""
        p99 = self.recovery.p99
        return None if p99 is None else ceil(p99 / self.period)


def figures(recording: Recording) -> Figures:
    """Measure a recording."""
    held = _links(recording)
    lost = [each for each in held if each.end is not None]
    back = [(each.end or 0.0, each.back.begin) for each in lost if each.back]
    missing = len(lost) - len(back)
    undone = inf if recording.restored is None else recording.restored
    before = _before(recording)
    return Figures(
        devices=recording.devices,
        linked=len(held),
        recovery=Sample.of((begin for _, begin in back), missing),
        link_gap=Sample.of((begin - end for end, begin in back), missing),
        link_ends=Sample.of(each.end or 0.0 for each in lost),
        outlasted=len(lost) - sum(begin < undone for _, begin in back),
        stranded=sum(each.back is not None and not each.is_open_at_last for each in lost),
        before=before,
        was_elsewhere=before != recording.order[0],
        detection=_detection(recording),
        moves=tuple(_moves(recording)),
        fleet=_fleet(recording),
        accepted=Counter(floor(each.begin) for each in recording.connections if each.begin >= 0),
        tried={second: count for second, count in recording.attempts.items() if second >= 0},
        period=recording.habits.period,
    )


def _before(recording: Recording) -> str:
    told = [answer for at, answer in recording.answers if at <= 0]
    return told[-1] if told else "nowhere"


def _detection(recording: Recording) -> Change | None:
    """Return the first check that turned unhealthy; whoever undoes an outage breaks none."""
    until = inf if recording.restored is None else recording.restored
    turned = (Change(at, check) for at, check, healthy in recording.health if not healthy)
    return next((each for each in turned if 0 <= each.at < until), None)


def _moves(recording: Recording) -> Iterator[Change]:
    for (_, before), (at, answer) in pairwise(recording.answers):
        if at > 0 and answer != before:
            yield Change(at, answer)


def _fleet(recording: Recording) -> dict[str, Steps]:
    """Count the links by region: those in failover order, then any other."""
    seen = dict.fromkeys((*recording.order, *(each.region for each in recording.connections)))
    return {
        region: Steps.of(
            (each.begin for each in recording.connections if each.region == region),
            _ends(recording, region),
        )
        for region in seen
    }


def _ends(recording: Recording, region: str) -> Iterator[float]:
    for each in recording.connections:
        if each.region == region and each.end is not None and each.end < recording.ended:
            yield each.end


@dataclass(frozen=True, slots=True)
class _Link:
    """A device's link when the outage began: when it was lost, and the next that lasted.

    `is_open_at_last` tells whether the device had a link when the rehearsal ended.
    """

    end: float | None
    back: Connection | None
    is_open_at_last: bool


def _links(recording: Recording) -> tuple[_Link, ...]:
    """Return the link of each device that had one when the outage began."""
    by_device = sorted(recording.connections, key=lambda each: (each.device, each.begin))
    found = (
        _link(recording, tuple(connections))
        for _, connections in groupby(by_device, key=lambda each: each.device)
    )
    return tuple(link for link in found if link)


def _link(recording: Recording, connections: Sequence[Connection]) -> _Link | None:
    held = [place for place, each in enumerate(connections) if _held(recording, each)]
    if not held:
        return None
    place = held[-1]
    later = connections[place + 1 :]
    return _Link(
        end=_end(recording, connections[place]),
        back=next((each for each in later if _lasts(recording, each)), None),
        is_open_at_last=any(_end(recording, each) is None for each in connections),
    )


def _held(recording: Recording, connection: Connection) -> bool:
    """Whether a connection was open when the outage began."""
    end = _end(recording, connection)
    return connection.begin <= 0 and (end is None or end >= -_AT_ONCE)


def _lasts(recording: Recording, connection: Connection) -> bool:
    """Whether a message was due while a connection was open, or it still is."""
    end = _end(recording, connection)
    return end is None or end - connection.begin >= recording.habits.period


def _end(recording: Recording, connection: Connection) -> float | None:
    """Return when a connection ended; one that the end of the rehearsal closed did not."""
    end = connection.end
    return None if end is None or end >= recording.ended else end
