"""Compares what a ledger holds of two regions, by SQL: memory does not grow with the fleet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from functions.registry.entity import Kind
from iot_dr.operate.registry.ledger import Ledger
from iot_dr.operate.registry.walk import UNREADABLE

# The primary key is in this order, so both sides of an entity stand beside each other on disk.
_SIDES: Final = """
SELECT kind, key,
    max(CASE WHEN region = ? THEN hash END) AS one,
    max(CASE WHEN region = ? THEN hash END) AS other
FROM held WHERE region IN (?, ?) GROUP BY kind, key
"""
_UNREADABLE: Final = f"'{UNREADABLE}' IN (one, other)"
_COUNTS: Final = f"""
SELECT kind,
    total(one = other AND NOT {_UNREADABLE}), total(one <> other AND NOT {_UNREADABLE}),
    total(other IS NULL AND one <> '{UNREADABLE}'), total(one IS NULL AND other <> '{UNREADABLE}'),
    total(one IS '{UNREADABLE}' OR other IS '{UNREADABLE}')
FROM ({_SIDES}) GROUP BY kind
"""  # noqa: S608 - our own constants
_DIFFERING: Final = f"""
SELECT key FROM ({_SIDES}) WHERE one IS NOT other OR one = '{UNREADABLE}' LIMIT ?
"""  # noqa: S608 - as above


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many entities of a kind are equal, different, or in one of the regions alone.

    `unreadable` are those that one region at least holds in a form that cannot be carried over.
    """

    kind: Kind
    equal: int = 0
    different: int = 0
    only_first: int = 0
    only_second: int = 0
    unreadable: int = 0

    @property
    def is_equal(self) -> bool:
        """Tell whether the regions hold the same of the kind."""
        return not (self.different or self.only_first or self.only_second or self.unreadable)


@dataclass(frozen=True)
class Comparison:
    """What two regions hold, one beside the other."""

    ledger: Ledger
    first: str
    second: str

    def counts(self) -> list[Counts]:
        """Give the counts of every kind."""
        found = {Kind(row[0]): row[1:] for row in self.ledger.rows(_COUNTS, self._regions)}
        return [_counts(kind, found.get(kind, (0,) * 5)) for kind in Kind]

    def differing(self, most: int) -> Iterator[str]:
        """Give the keys of what is not equal, at most so many."""
        for (key,) in self.ledger.rows(_DIFFERING, (*self._regions, most)):
            yield key

    @property
    def _regions(self) -> tuple[str, ...]:
        return self.first, self.second, self.first, self.second


def _counts(kind: Kind, found: Sequence[float]) -> Counts:
    equal, different, first, second, bad = map(int, found)
    return Counts(
        kind=kind,
        equal=equal,
        different=different,
        only_first=first,
        only_second=second,
        unreadable=bad,
    )
