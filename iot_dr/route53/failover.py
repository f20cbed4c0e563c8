"""Failover records grouped by name."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.terraform_json.conditional import may_exist_apart
from iot_dr.terraform_json.resource_set import ResourceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverGroup:
    """The failover records of one name and type in one zone.

    If it `may_be_split`, they exist under different conditions, of which only a plan knows one.
    """

    name: str
    type: str
    records: tuple[DeclaredRecord, ...]
    may_be_split: bool

    @property
    def zone(self) -> str:
        """The key of its zone."""
        return self.records[0].zone.key

    @property
    def key(self) -> tuple[str, str, str]:
        """Its zone, name and type."""
        return self.zone, self.name, self.type

    def side(self, side: str) -> tuple[DeclaredRecord, ...]:
        """Return the records of a side, `PRIMARY` or `SECONDARY`."""
        return tuple(record for record in self.records if record.side == side)

    @property
    def is_half(self) -> bool:
        """Whether it is one record alone, of which another stack may have the other side."""
        return len(self.records) == 1

    @property
    def pair(self) -> tuple[DeclaredRecord, DeclaredRecord] | None:
        """The PRIMARY and the SECONDARY, None unless there is exactly one of each."""
        primary, secondary = self.side("PRIMARY"), self.side("SECONDARY")
        if len(primary) != 1 or len(secondary) != 1:
            return None
        return primary[0], secondary[0]


@lru_cache(maxsize=1)
def failover_groups(resources: ResourceSet) -> tuple[FailoverGroup, ...]:
    """Return the failover records by zone, name and type, without those of unknown name."""
    groups: dict[tuple[str, str, str], list[DeclaredRecord]] = defaultdict(list)
    for record in declared_names(resources).records:
        if record.is_failover and record.name:
            groups[record.zone.key, record.name, record.type].append(record)
    return tuple(
        FailoverGroup(
            name=name,
            type=type_,
            records=tuple(records),
            may_be_split=may_exist_apart(resources, (record.resource for record in records)),
        )
        for (_, name, type_), records in groups.items()
    )


def primary_region(resources: ResourceSet) -> str | None:
    """Return the region answered while all regions are healthy, None if unknown or ambiguous."""
    regions = failover_regions(resources)
    return regions[0] if regions else None


@lru_cache(maxsize=1)
def failover_regions(resources: ResourceSet) -> tuple[str, set[str]] | None:
    """Return the region answered while all are healthy, and the regions that take over.

    The first is the destination of the PRIMARY record that is not in a nested pair. None if it is
    unknown or ambiguous.
    """
    names = declared_names(resources)
    groups = failover_groups(resources)
    failover = [record for group in groups for record in group.records]
    nested = {below.id for below in names.aliased(failover)}
    led = {record.id: _regions(names, record) for record in failover}
    primary = [
        region
        for group in groups
        for record in group.side("PRIMARY")
        if record.id not in nested
        for region in led[record.id]
    ]
    if len(set(primary)) != 1:
        return None
    return primary[0], set[str]().union(*led.values()) - {primary[0]}


def _regions(names: DeclaredNames, record: DeclaredRecord) -> set[str]:
    return {end.region for end in names.destinations(record) if end.region}
