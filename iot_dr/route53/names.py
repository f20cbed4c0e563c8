"""Follows DNS names through records to names without a record."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

from iot_dr.route53.record import Record

AnyRecord = TypeVar("AnyRecord", bound=Record)

_OF_ADDRESSES: Final = frozenset(("", "CNAME", "A", "AAAA"))

# Limits hostile documents: no resolver follows so many records.
_MOST: Final = 256


class Names(Generic[AnyRecord]):
    """CNAME and address records by name.

    A record of unknown name is found by its id. Records of a private zone are visible only from
    that zone, not to health checkers and public records.
    """

    def __init__(self, records: Iterable[AnyRecord]) -> None:
        self.records = tuple(records)
        self._by_id = {record.id: record for record in self.records if record.id}
        by_name: defaultdict[tuple[str, bool], list[AnyRecord]] = defaultdict(list)
        for record in self.records:
            if record.name and is_of_addresses(record.type):
                by_name[record.name, record.is_private].append(record)
        # PRIMARY comes before SECONDARY, whichever stack declares it first.
        self._by_name = {
            key: tuple(sorted(named, key=lambda record: (record.side, record.targets)))
            for key, named in by_name.items()
        }

    def __contains__(self, name: str) -> bool:
        """Whether a CNAME or address record has this name."""
        return (name, False) in self._by_name or (name, True) in self._by_name

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the CNAME and address records."""
        return iter(dict.fromkeys(name for name, _ in self._by_name))

    def at(self, name: str, *, is_private: bool = False) -> tuple[AnyRecord, ...]:
        """Return the records of a name, as seen from a private zone or from the internet."""
        private = self._by_name.get((name, True), ()) if is_private else ()
        if named := private or self._by_name.get((name, False), ()):
            return named
        record = self._by_id.get(name)
        return (record,) if record and (is_private or not record.is_private) else ()

    def follow(
        self, names: Iterable[str], *, is_private: bool = False
    ) -> Iterator[AnyRecord | str]:
        """Yield the records that names lead to, each once, and names without a record or target.

        Ends after 256 names.
        """
        pending, names_met, records_met = [*names][::-1], set[str](), set[str]()
        while pending and len(names_met) < _MOST:
            name = pending.pop()
            if name in names_met:
                continue
            names_met.add(name)
            records = self.at(name, is_private=is_private)[:_MOST]
            fresh = [record for record in records if record.id not in records_met]
            records_met.update(record.id for record in fresh)
            yield from fresh
            targets = [target for record in fresh for target in record.targets]
            if not any(record.targets for record in records):
                yield name
            pending += reversed(targets)


def is_of_addresses(type_: str) -> bool:
    """Whether a record type is CNAME, A or AAAA; an unknown type may be."""
    return type_ in _OF_ADDRESSES
