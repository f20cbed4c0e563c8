"""Which devices lost their link, and when each was back."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from iot_dr.drill.recording import Connection, Recording

_AT_ONCE: Final = 1.0
"""Seconds by which a link may seem to end before the outage: two processes tell the times."""


@dataclass(frozen=True, slots=True)
class Link:
    """A device's link when the outage began: when it was lost, and the next that lasted.

    `is_open_at_last` tells whether the device had a link when the rehearsal ended.
    """

    end: float | None
    back: Connection | None
    is_open_at_last: bool


def links(recording: Recording) -> tuple[Link, ...]:
    """Give the link of each device that had one when the outage began."""
    by_device = sorted(recording.connections, key=lambda each: (each.device, each.begin))
    found = (
        _link(recording, tuple(connections))
        for _, connections in groupby(by_device, key=lambda each: each.device)
    )
    return tuple(link for link in found if link)


def _link(recording: Recording, connections: Sequence[Connection]) -> Link | None:
    held = [place for place, each in enumerate(connections) if _held(recording, each)]
    if not held:
        return None
    place = held[-1]
    later = connections[place + 1 :]
    return Link(
        end=_end(recording, connections[place]),
        back=next((each for each in later if _lasts(recording, each)), None),
        is_open_at_last=any(_end(recording, each) is None for each in connections),
    )


def _held(recording: Recording, connection: Connection) -> bool:
    """Tell whether a connection was open when the outage began."""
    end = _end(recording, connection)
    return connection.begin <= 0 and (end is None or end >= -_AT_ONCE)


def _lasts(recording: Recording, connection: Connection) -> bool:
    """Tell whether a message was due while a connection was open, or it still is."""
    end = _end(recording, connection)
    return end is None or end - connection.begin >= recording.habits.period


def _end(recording: Recording, connection: Connection) -> float | None:
    """Give when a connection ended; one that the end of the rehearsal closed did not."""
    end = connection.end
    return None if end is None or end >= recording.ended else end
