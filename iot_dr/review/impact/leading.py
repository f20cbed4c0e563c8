"""Where names lead: the regions that answer, one after the other."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from iot_dr.review.impact.record_sight import OF_ADDRESSES, RecordSight
from iot_dr.route53.aws_host import REGION, is_iot_host, region_of_host

_REGION: Final = re.compile(REGION)
# No resolver follows so many records; a document may.
_MOST: Final = 256


class Leading:
    """The records of a moment by name; `regions` are those of names that are known otherwise."""

    def __init__(self, records: Iterable[RecordSight], regions: Mapping[str, str]) -> None:
        by_name: defaultdict[str, list[RecordSight]] = defaultdict(list)
        for each in records:
            if each.name and each.type in OF_ADDRESSES:
                by_name[each.name].append(each)
        # PRIMARY comes before SECONDARY, whichever plan tells it first.
        self._by_name = {
            name: sorted(named, key=lambda each: (each.side, each.leads_to))
            for name, named in by_name.items()
        }
        self._led = frozenset(
            target for named in by_name.values() for each in named for target in each.leads_to
        )
        self._regions = regions

    def __contains__(self, name: str) -> bool:
        """Whether a record of addresses has this name."""
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        """Yield the names that records of addresses have."""
        return iter(self._by_name)

    def at(self, name: str) -> tuple[RecordSight, ...]:
        """Give the records of a name."""
        return tuple(self._by_name.get(name, ()))

    def is_led_to(self, name: str) -> bool:
        """Tell whether a record leads to a name."""
        return name in self._led

    def is_iot(self, name: str) -> bool:
        """Tell whether a name leads to AWS IoT somewhere."""
        return any(is_iot_host(end) for end in self._ends(name))

    def regions(self, name: str) -> tuple[str, ...]:
        """Give the regions that a name leads to, in the order in which they answer."""
        found = (self._region(end) for end in self._ends(name))
        return tuple(dict.fromkeys(each for each in found if each))

    def words(self, names: Iterable[str]) -> str:
        """Say where names lead: to regions, to themselves where none is known."""
        found = dict.fromkeys(word for name in names for word in self.regions(name) or (name,))
        first, *others = found or ("what is not known yet",)
        return first + "".join(f", or {each} when that fails too" for each in others)

    def ends(self, name: str) -> tuple[str, ...]:
        """Give what a name leads to in the end: names without a record of addresses."""
        return tuple(self._ends(name))

    def _ends(self, name: str) -> Iterator[str]:
        waiting, met = [name], set[str]()
        while waiting and len(met) < _MOST:
            each = waiting.pop()
            if each in met:
                continue
            met.add(each)
            further = [target for record in self.at(each) for target in record.leads_to]
            if not further:
                yield each
            waiting += reversed(further)

    def _region(self, end: str) -> str | None:
        if region := region_of_host(end) or self._regions.get(end):
            return region
        # A name that another owner has leads where it says.
        found = _REGION.search(end.partition(".")[0])
        return found.group() if found else None
