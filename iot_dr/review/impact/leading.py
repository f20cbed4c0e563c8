"""Where names lead: the regions that answer, one after the other."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from iot_dr.route53.aws_host import REGION, is_iot_host, region_of_host
from iot_dr.route53.names import Names
from iot_dr.route53.record import Record

_REGION: Final = re.compile(REGION)


class Leading(Names[Record]):
    """The records of a moment by name; `regions` are those of names that are known otherwise."""

    def __init__(self, records: Iterable[Record], regions: Mapping[str, str]) -> None:
        super().__init__(records)
        named = (record for name in self for record in self.at(name))
        self._led = frozenset(target for record in named for target in record.targets)
        self._regions = regions

    def is_led_to(self, name: str) -> bool:
        """Tell whether a record leads to a name."""
        return name in self._led

    def is_iot(self, name: str) -> bool:
        """Tell whether a name leads to AWS IoT somewhere."""
        return any(is_iot_host(end) for end in self.ends(name))

    def regions(self, name: str) -> tuple[str, ...]:
        """Give the regions that a name leads to, in the order in which they answer."""
        found = (self._region(end) for end in self.ends(name))
        return tuple(dict.fromkeys(each for each in found if each))

    def words(self, names: Iterable[str]) -> str:
        """Say where names lead: to regions, to themselves where none is known."""
        found = dict.fromkeys(word for name in names for word in self.regions(name) or (name,))
        first, *others = found or ("what is not known yet",)
        return first + "".join(f", or {each} when that fails too" for each in others)

    def ends(self, name: str) -> tuple[str, ...]:
        """Give what a name leads to in the end: names without a record of addresses."""
        return tuple(end for end in self.follow([name]) if isinstance(end, str))

    def _region(self, end: str) -> str | None:
        if region := region_of_host(end) or self._regions.get(end):
            return region
        # A name that another owner has leads where it says.
        found = _REGION.search(end.partition(".")[0])
        return found.group() if found else None
