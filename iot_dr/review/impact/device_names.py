"""The role of each DNS name for devices."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.aws_host import REGION, is_iot_host, region_of_host
from iot_dr.route53.names import Names, is_of_addresses
from iot_dr.route53.record import Record
from iot_dr.terraform_json.dns_name import is_below

_REGION: Final = re.compile(REGION)
NameKind = Literal["device", "nested", "failover", "regional"]
"""`nested` is the name behind another name's SECONDARY; `failover` has routed records, but no
device is known to use it."""

_ADJECTIVES: Final = {"nested": "nested", "failover": "failover"}


class RecordsByName(Names[Record]):
    """Address records by name, before or after an apply.

    `regions` maps names whose region is known from settings or domain configurations.
    """

    def __init__(self, records: Iterable[Record], regions: Mapping[str, str]) -> None:
        super().__init__(records)
        named = (record for name in self for record in self.at(name))
        self._targets = frozenset(target for record in named for target in record.targets)
        self._regions = regions

    def is_target(self, name: str) -> bool:
        """Whether a record resolves to a name."""
        return name in self._targets

    def is_iot(self, name: str) -> bool:
        """Whether a name resolves to an AWS IoT endpoint of any region."""
        return any(is_iot_host(target) for target in self.final_targets(name))

    def regions(self, name: str) -> tuple[str, ...]:
        """Return the regions that a name resolves to, in failover order."""
        regions = (self._region(target) for target in self.final_targets(name))
        return tuple(dict.fromkeys(region for region in regions if region))

    def destinations(self, names: Iterable[str]) -> str:
        """Describe what names resolve to: regions, or the name itself if its region is unknown."""
        places = dict.fromkeys(place for name in names for place in self.regions(name) or (name,))
        first, *fallbacks = places or ("a target that is not known yet",)
        return first + "".join(f", or {place} if that fails too" for place in fallbacks)

    def final_targets(self, name: str) -> tuple[str, ...]:
        """Return the names without address records that a name resolves to."""
        return tuple(target for target in self.follow([name]) if isinstance(target, str))

    def _region(self, target: str) -> str | None:
        if region := region_of_host(target) or self._regions.get(target):
            return region
        # For a name outside these plans, a region in its first label is the best evidence.
        match = _REGION.search(target.partition(".")[0])
        return match.group() if match else None


class DeviceNames:
    """Device names, nested names and regional names, recognized by their records.

    The device name has records with a routing policy, no other routed name aliases it, and it is
    below the environment's zone or resolves to AWS IoT. Without routed records, it is the name that
    itself resolves to AWS IoT, unless the settings make that a regional name.
    """

    def __init__(
        self,
        records: Iterable[Record],
        before_and_after: tuple[RecordsByName, RecordsByName],
        domains: Iterable[str],
        expected: DesignExpectation | None,
    ) -> None:
        self._before_and_after = before_and_after
        self._domains = frozenset(domains)
        self._expected = expected
        self._kinds = dict(
            self._name_kinds([each for each in records if is_of_addresses(each.type)])
        )

    def kind(self, record: Record) -> NameKind | None:
        """Return the role of a record's name; None if devices do not need it."""
        return self._kinds.get(record.name) if is_of_addresses(record.type) else None

    def is_device_name(self, name: str) -> bool:
        """Whether devices connect to a name."""
        return self._kinds.get(name) == "device"

    def is_nested(self, name: str) -> bool:
        """Whether a name is an alias target that leads to the remaining regions of another name."""
        return self._kinds.get(name) == "nested"

    def is_zone_needed(self, zone: str) -> bool:
        """Whether a zone is the environment's own or contains a name that devices need."""
        is_own = self._expected is not None and self._expected.zone_name == zone
        return is_own or any(self.in_zone(zone))

    def in_zone(self, zone: str) -> Iterator[str]:
        """Yield the names that devices need in a zone, its apex included."""
        return (name for name in self._kinds if is_below(name, zone))

    def subject(self, record: Record) -> str:
        """Return the role of a record for devices, as the subject of a sentence."""
        kind = self.kind(record)
        if kind == "regional":
            return f"the regional name {record.name}"
        noun = " ".join(filter(None, (record.side or record.routing, "record")))
        if kind == "device":
            return f"the device name's {noun}"
        name = " ".join(filter(None, (_ADJECTIVES.get(kind or ""), "name")))
        return f"the {noun} of the {name} {record.name}"

    def _name_kinds(self, records: list[Record]) -> Iterator[tuple[str, NameKind]]:
        routed = {each.name for each in records if each.routing and each.name}
        nested = {each.target for each in records if each.routing and each.is_alias}
        routed_targets = {
            target
            for record in records
            if record.routing and not record.is_alias
            for target in record.targets
        }
        # The plans of one wave may lack the device name's records, but have its domain
        # configuration.
        for name in {each.name for each in records if each.name} | {
            *filter(self._is_in_own_zone, self._domains)
        }:
            if name in routed & nested:
                yield name, "nested"
            elif name in routed:
                is_device = self._is_in_own_zone(name) or self._is_iot(name)
                yield name, "device" if is_device else "failover"
            elif name in routed_targets or self._is_iot(name):
                is_regional = bool(routed) or self._ends_with_a_region(name)
                yield name, "regional" if is_regional and not self._is_set(name) else "device"

    def _is_in_own_zone(self, name: str) -> bool:
        return self._expected is not None and is_below(name, self._expected.endpoint_domain)

    def _is_set(self, name: str) -> bool:
        return self._expected is not None and name == self._expected.device_name

    def _ends_with_a_region(self, name: str) -> bool:
        """Whether a name in the zone ends like a regional name, whatever its label."""
        if self._expected is None or not self._is_in_own_zone(name):
            return False
        label, regions = (
            name.partition(".")[0],
            (*self._expected.regions, *self._expected.leaving_regions),
        )
        return label.endswith(tuple(f"-{region}" for region in regions))

    def _is_iot(self, name: str) -> bool:
        return name in self._domains or any(each.is_iot(name) for each in self._before_and_after)
