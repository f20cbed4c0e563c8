"""What each DNS name is to devices."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from environments.settings import Settings
from iot_dr.route53.aws_host import REGION, is_iot_host, region_of_host
from iot_dr.route53.names import Names, is_of_addresses
from iot_dr.route53.record import Record
from iot_dr.terraform_json.dns_name import is_below

_REGION: Final = re.compile(REGION)
NameKind = Literal["device", "nested", "failover", "regional"]

_OTHERS: Final = {"nested": "nested", "failover": "failover"}


class Leading(Names[Record]):
    """Records by name before or after an apply; `regions` are those of names known otherwise."""

    def __init__(self, records: Iterable[Record], regions: Mapping[str, str]) -> None:
        super().__init__(records)
        named = (record for name in self for record in self.at(name))
        self._led = frozenset(target for record in named for target in record.targets)
        self._regions = regions

    def is_led_to(self, name: str) -> bool:
        """Whether a record leads to a name."""
        return name in self._led

    def is_iot(self, name: str) -> bool:
        """Whether a name leads to AWS IoT somewhere."""
        return any(is_iot_host(end) for end in self.ends(name))

    def regions(self, name: str) -> tuple[str, ...]:
        """Return the regions that a name leads to, in the order in which they answer."""
        found = (self._region(end) for end in self.ends(name))
        return tuple(dict.fromkeys(each for each in found if each))

    def words(self, names: Iterable[str]) -> str:
        """Say where names lead: to regions, to themselves where none is known."""
        found = dict.fromkeys(word for name in names for word in self.regions(name) or (name,))
        first, *others = found or ("what is not known yet",)
        return first + "".join(f", or {each} when that fails too" for each in others)

    def ends(self, name: str) -> tuple[str, ...]:
        """Return what a name leads to in the end: names without a record of addresses."""
        return tuple(end for end in self.follow([name]) if isinstance(end, str))

    def _region(self, end: str) -> str | None:
        if region := region_of_host(end) or self._regions.get(end):
            return region
        # A name that another owner has leads where it says.
        found = _REGION.search(end.partition(".")[0])
        return found.group() if found else None


class DeviceNames:
    """Device names, nested names and regional names, told apart by how records lead.

    The device name has records that share its answers, and no other such name leads to it; it is
    below the zone of the environment, or leads to AWS IoT. Where nothing is shared, it is the name
    that leads to AWS IoT itself, unless the settings say that this is a region's.
    """

    def __init__(
        self,
        records: Iterable[Record],
        leads: tuple[Leading, Leading],
        domains: Iterable[str],
        settings: Settings | None,
    ) -> None:
        self._leads = leads
        self._domains = frozenset(domains)
        self._settings = settings
        self._kinds = dict(self._kinds_of([each for each in records if is_of_addresses(each.type)]))

    def kind(self, record: Record) -> NameKind | None:
        """Say what a record's name is; None where devices do not need it."""
        return self._kinds.get(record.name) if is_of_addresses(record.type) else None

    def is_device_name(self, name: str) -> bool:
        """Whether devices connect to a name."""
        return self._kinds.get(name) == "device"

    def is_nested(self, name: str) -> bool:
        """Whether a name stands for the regions behind another one."""
        return self._kinds.get(name) == "nested"

    def are_below(self, zone: str) -> bool:
        """Whether a name that devices need is in a zone."""
        is_own = self._settings is not None and self._settings.zone_name == zone
        return is_own or any(self.below(zone))

    def below(self, zone: str) -> Iterator[str]:
        """Yield the names that devices need in a zone, its own included."""
        return (name for name in self._kinds if is_below(name, zone))

    def subject(self, record: Record) -> str:
        """Say what a record is to devices."""
        kind = self.kind(record)
        if kind == "regional":
            return f"the regional name {record.name}"
        own = " ".join(filter(None, (record.side or record.routing, "record")))
        if kind == "device":
            return f"the device name's {own}"
        what = " ".join(filter(None, (_OTHERS.get(kind or ""), "name")))
        return f"the {own} of the {what} {record.name}"

    def _kinds_of(self, records: list[Record]) -> Iterator[tuple[str, NameKind]]:
        routed = {each.name for each in records if each.routing and each.name}
        nested = {each.target for each in records if each.routing and each.is_alias}
        led = {
            target
            for each in records
            if each.routing and not each.is_alias
            for target in each.targets
        }
        # A wave alone has no record of the device name, and a domain configuration for it.
        for name in {each.name for each in records if each.name} | {
            *filter(self._is_own, self._domains)
        }:
            if name in routed & nested:
                yield name, "nested"
            elif name in routed:
                yield name, "device" if self._is_own(name) or self._is_iot(name) else "failover"
            elif name in led or self._is_iot(name):
                is_regional = bool(routed) or self._is_of_a_region(name)
                yield name, "regional" if is_regional and not self._is_set(name) else "device"

    def _is_own(self, name: str) -> bool:
        return self._settings is not None and is_below(name, self._settings.zone_name)

    def _is_set(self, name: str) -> bool:
        return self._settings is not None and name == self._settings.device_name

    def _is_of_a_region(self, name: str) -> bool:
        """Whether a name ends as those of the environment's regions do, whatever its label."""
        if self._settings is None or not self._is_own(name):
            return False
        label, regions = (
            name.partition(".")[0],
            (*self._settings.regions, *self._settings.leaving_regions),
        )
        return label.endswith(tuple(f"-{each}" for each in regions))

    def _is_iot(self, name: str) -> bool:
        return name in self._domains or any(each.is_iot(name) for each in self._leads)
