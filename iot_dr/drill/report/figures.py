"""Figures measured from a recording."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import ceil, floor, inf
from typing import Final

from iot_dr.drill.recording import Connection, Recording
from iot_dr.drill.report.sample import CountOverTime, Sample
from iot_dr.forecast.target import TargetVerdict, judge

MOST: Final = 0.99
"""Share of the devices that the target applies to."""

_SILENT: Final = 5.0
"""Links are silent if the median of their ends is later than this many seconds."""

_AT_ONCE: Final = 1.0
"""Tolerance in seconds for a link's end before the outage: two processes measure the times."""


@dataclass(frozen=True, slots=True)
class ObservedChange:
    """A change of a check or answer: its name or region, and seconds after the outage."""

    at: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of a rehearsal; times are seconds after the outage began, unless noted.

    `linked` devices had a link when it began, `served` of them to the primary. The others count as
    lost, as do devices that lose it. For those, `recovery` is the time of their next lasting link
    in any region, `link_gap` the seconds between the two links, and `link_ends` when they noticed
    the loss. `unconnected` devices never had a link before. `stranded` devices came back but had no
    link at the end. `outlasted` devices came back after the outage was undone, or never. `before`
    is the answer when the outage began, and `was_elsewhere` whether that was not `primary`; `moves`
    are the later changes. `detection` is the first check that became unhealthy. `accepted` and
    `tried` count connects by second. `later` are the failures of other regions after the first, of
    which each has figures of its own.
    """

    devices: int
    linked: int
    served: int
    unconnected: int
    recovery: Sample
    link_gap: Sample
    link_ends: Sample
    stranded: int
    outlasted: int
    primary: str
    before: str
    detection: ObservedChange | None
    moves: tuple[ObservedChange, ...]
    fleet: Mapping[str, CountOverTime]
    accepted: Mapping[int, int]
    tried: Mapping[int, int]
    period: float
    later: tuple["LaterFailure", ...] = ()

    @property
    def was_elsewhere(self) -> bool:
        """Whether the answer was not the primary when the outage began."""
        return self.before != self.primary

    @property
    def failover(self) -> ObservedChange | None:
        """The first change of the answer; None without one."""
        return self.moves[0] if self.moves else None

    @property
    def lost(self) -> int:
        """Number of devices that lost their link."""
        return len(self.recovery)

    @property
    def never_back(self) -> int:
        """Number of devices that lost their link and had no lasting one afterwards."""
        return self.recovery.missing

    @property
    def is_moved(self) -> bool:
        """Whether 99 % of the devices that lost their link were back before the outage ended."""
        return self.outlasted <= (1 - MOST) * self.lost

    def verdict(self, rto: float, since: float = 0.0) -> TargetVerdict | None:
        """Return whether a target that counts from `since` is met; None if 99 % are not back."""
        p99, last = self.recovery.p99, self.recovery.last
        if p99 is None or last is None:
            return None
        return judge(p99 - since, inf if self.never_back else last - since, rto)

    @property
    def is_silent(self) -> bool:
        """Whether links did not close, so that devices noticed the loss later."""
        return (self.link_ends.p50 or 0.0) > _SILENT

    @property
    def peak_accepted(self) -> int:
        """The most accepted connects in one second."""
        return max(self.accepted.values(), default=0)

    @property
    def peak_attempts(self) -> int:
        """The most attempted connects in one second."""
        return max(self.tried.values(), default=0)

    @property
    def message_gap(self) -> float | None:
        """Seconds without messages of any device: 0 if one kept its link; None if until the end."""
        return 0.0 if self.lost < self.devices or not self.lost else self.recovery.first

    @property
    def messages_due(self) -> int | None:
        """Buffer size in messages with which 99 % of the devices drop none.

        None if these devices are not back.
        """
        p99 = self.recovery.p99
        return None if p99 is None else ceil(p99 / self.period)


@dataclass(frozen=True, slots=True)
class LaterFailure:
    """A region that failed `at` seconds after the outage began; its figures count from then."""

    at: float
    region: str
    figures: Figures


def figures(recording: Recording, primary: str | None = None) -> Figures:
    """Return the figures of a recording.

    `primary` is that of the settings; by default the region that the records lead to first.
    """
    primary = recording.order[0] if primary is None else primary
    links = _links(recording)
    linked = [each for each in links if each.region]
    lost = [each for each in links if each.end is not None]
    early = {each.device for each in recording.connections if each.begin <= 0}
    back = [(each.end or 0.0, each.back.begin) for each in lost if each.back]
    missing = len(lost) - len(back)
    undone = inf if recording.restored is None else recording.restored
    return Figures(
        devices=recording.devices,
        linked=len(linked),
        served=sum(each.region == primary for each in linked),
        unconnected=recording.devices - len(early),
        recovery=Sample.of((begin for _, begin in back), missing),
        link_gap=Sample.of((begin - end for end, begin in back), missing),
        link_ends=Sample.of(each.end or 0.0 for each in lost),
        outlasted=len(lost) - sum(begin < undone for _, begin in back),
        stranded=sum(each.back is not None and not each.is_open_at_last for each in lost),
        primary=primary,
        before=_before(recording),
        detection=_detection(recording),
        moves=tuple(_moves(recording)),
        fleet=_fleet(recording),
        accepted=Counter(floor(each.begin) for each in recording.connections if each.begin >= 0),
        tried={second: count for second, count in recording.attempts.items() if second >= 0},
        period=recording.habits.period,
        later=tuple(_later(recording, primary)),
    )


def _later(recording: Recording, primary: str) -> Iterator[LaterFailure]:
    """Yield the later failures in which devices lost their link."""
    for at, region in recording.later_failures:
        # The earlier ones are past, and the later ones have figures of their own.
        failure = replace(recording.since(at), later_failures=[])
        if at > 0 and (measured := figures(failure, primary)).lost:
            yield LaterFailure(at, region, measured)


def _before(recording: Recording) -> str:
    earlier = [answer for at, answer in recording.answers if at <= 0]
    return earlier[-1] if earlier else "nowhere"


def _detection(recording: Recording) -> ObservedChange | None:
    """Return the first check that became unhealthy before the outage was undone, or None."""
    until = inf if recording.restored is None else recording.restored
    turned = (ObservedChange(at, check) for at, check, healthy in recording.health if not healthy)
    return next((each for each in turned if 0 <= each.at < until), None)


def _moves(recording: Recording) -> Iterator[ObservedChange]:
    for (_, before), (at, answer) in pairwise(recording.answers):
        if at > 0 and answer != before:
            yield ObservedChange(at, answer)


def _fleet(recording: Recording) -> dict[str, CountOverTime]:
    """Return the number of links over time by region, in failover order."""
    seen = dict.fromkeys((*recording.order, *(each.region for each in recording.connections)))
    return {
        region: CountOverTime.of(
            (each.begin for each in recording.connections if each.region == region),
            _ends(recording, region),
        )
        for region in seen
    }


def _ends(recording: Recording, region: str) -> Iterator[float]:
    for connection in recording.connections:
        if (
            connection.region == region
            and connection.end is not None
            and connection.end < recording.ended
        ):
            yield connection.end


@dataclass(frozen=True, slots=True)
class _Link:
    """A device's link when the outage began: its end, and the next lasting connection.

    Without a link, `region` is None and `end` 0. `is_open_at_last`: the device had a link when the
    rehearsal ended.
    """

    region: str | None
    end: float | None
    back: Connection | None
    is_open_at_last: bool


def _links(recording: Recording) -> tuple[_Link, ...]:
    """Return the link of each device, also of those without a connection."""
    by_device = sorted(recording.connections, key=lambda each: (each.device, each.begin))
    links = [
        _link(recording, tuple(connections))
        for _, connections in groupby(by_device, key=lambda each: each.device)
    ]
    none = _link(recording, ())
    return (*links, *[none] * (recording.devices - len(links)))


def _link(recording: Recording, connections: Sequence[Connection]) -> _Link:
    places = [place for place, each in enumerate(connections) if _held(recording, each)]
    link = connections[places[-1]] if places else None
    later = connections[places[-1] + 1 :] if places else connections
    return _Link(
        region=link.region if link else None,
        end=_end(recording, link) if link else 0.0,
        back=next((each for each in later if _lasts(recording, each) and each.begin > 0), None),
        is_open_at_last=any(_end(recording, each) is None for each in connections),
    )


def _held(recording: Recording, connection: Connection) -> bool:
    """Whether a connection was open when the outage began."""
    end = _end(recording, connection)
    return connection.begin <= 0 and (end is None or end >= -_AT_ONCE)


def _lasts(recording: Recording, connection: Connection) -> bool:
    """Whether a connection was open for a message's period, still is, or ended by a failure."""
    end = _end(recording, connection)
    failed = [at for at, region in recording.later_failures if region == connection.region]
    return (
        end is None
        or end - connection.begin >= recording.habits.period
        or any(abs(end - at) <= _AT_ONCE for at in failed)
    )


def _end(recording: Recording, connection: Connection) -> float | None:
    """Return when a connection ended; None if the end of the rehearsal closed it."""
    end = connection.end
    return None if end is None or end >= recording.ended else end
