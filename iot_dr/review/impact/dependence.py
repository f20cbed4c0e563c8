"""What devices depend on in a set of plans: names, and what decides where these lead."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from environments.settings import Settings
from iot_dr.review.impact.device_names import DeviceNames, Leading
from iot_dr.review.impact.health_checks import (
    ALARM,
    Alarms,
    HealthChecks,
    Key,
    checks_by_part,
    key_of,
)
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_records import (
    CHECK,
    RECORD,
    declared_names,
    record_in,
    record_targets,
)
from iot_dr.terraform_json.argument import known_dns_name
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ZONE: Final = "aws_route53_zone"
_IDS: Final = ("zone_id", "hosted_zone_id")
DOMAIN: Final = "aws_iot_domain_configuration"
CERTIFICATE: Final = "aws_acm_certificate"


class Zones:
    """Hosted zones by their ids and names, as the plans find them and leave them."""

    def __init__(self, resources: ResourceSet, managed: Iterable[Resource]) -> None:
        self._resources = resources
        self._names: dict[str, str] = {}
        self._servers: defaultdict[str, set[str]] = defaultdict(set)
        for zone in (each for each in managed if each.type == ZONE):
            name = _zone_name(zone)
            for values in zone.states:
                self._names |= {text(values.get(each)): name for each in ("id", "zone_id")}
                self._servers[name] |= {
                    dns_name(each) for each in texts(values.get("name_servers"))
                }

    def name_of(self, resource: Resource) -> str:
        """Return the name of the zone that a resource is for, empty where it is not in the set."""
        ids = [text(values.get(each)) for values in resource.states for each in _IDS]
        referred = (
            _zone_name(each)
            for id_ in ids
            for each in self._resources.candidates(resource, id_)
            if each.type == ZONE
        )
        known = (self._names.get(each, "") for each in ids if each)
        return next(filter(None, (*known, *referred)), "")

    def servers(self, name: str) -> frozenset[str]:
        """Return the name servers of the zones of a name, as far as they are known."""
        return frozenset(self._servers.get(name, ()))


def _zone_name(zone: Resource) -> str:
    return dns_name(next(filter(None, (text(each.get("name")) for each in zone.states)), ""))


@dataclass(frozen=True, slots=True)
class RecordPair:
    """A record as the plan finds it and as it leaves it."""

    resource: Resource
    before: Record | None
    after: Record | None


class Dependence:
    """Names, records, checks and alarms of a set, before and after its plans."""

    def __init__(self, resources: ResourceSet, settings: Settings | None) -> None:
        self.resources = resources
        self._settings = settings
        self._all = {
            key_of(each): each
            for stack in resources.stacks
            for each in stack.resources
            if each.mode == "managed"
        }
        self._by_key = _needed(self._all)
        self.zones = Zones(resources, self._all.values())
        self._records = {
            each: RecordPair(found, _before(found), _after(resources, found))
            for each, found in self._by_key.items()
            if found.type == RECORD
        }
        regions = self._regions_of_names()
        self.before = Leading(self._records_at(is_after=False), regions)
        self.after = Leading(self._records_at(is_after=True), regions)
        records = [*self._records_at(is_after=False), *self._records_at(is_after=True)]
        leads = (self.before, self.after)
        self.names = DeviceNames(records, leads, self._domains(), settings)
        self.checks = HealthChecks(resources, self._of_type(CHECK))
        self._asking = {flag: self._askers(is_after=flag) for flag in (False, True)}
        self.alarms = Alarms(resources, self._of_type(ALARM), self._of_type(CHECK))

    def resource(self, key: Key) -> Resource | None:
        """Return a resource of any type, those that go included."""
        return self._all.get(key)

    def checks_asking(self, key: Key) -> tuple[Resource, ...]:
        """Return the checks that ask a resource, or something that it is a part of."""
        return self._by_part.get(key, ())

    @cached_property
    def _by_part(self) -> Mapping[Key, tuple[Resource, ...]]:
        return checks_by_part(self.resources, self._all.values())

    def find(self, key: Key) -> Resource | None:
        """Return a resource of the types that are looked at, those that go included."""
        return self._by_key.get(key)

    def values(self, key: Key) -> Mapping[str, Any]:
        """Return what a resource is before the plan; what it will be where it is not there yet."""
        found = self._all.get(key)
        if found is None:
            return {}
        return (found.change.before if found.change else None) or found.values

    def states(self, key: Key) -> tuple[Mapping[str, Any], ...]:
        """Return a resource's values as the plan leaves them, and as it finds them."""
        found = self._all.get(key)
        return found.states if found else ()

    def record(self, key: Key) -> RecordPair | None:
        """Return a record before and after; None for what is no record."""
        return self._records.get(key)

    def asked_by(self, check: Resource, *, is_after: bool) -> tuple[str, ...]:
        """Name the records that ask a check, or one that adds it up, each once."""
        asking = self._asking[is_after]
        above = self.checks.above(check, is_after=is_after)
        return tuple(sorted({each for key in above for each in asking.get(key, ())}))

    def is_certificates_own(self, pair: RecordPair) -> bool:
        """Whether a record is what a certificate is validated by, or was until now."""
        record = pair.before or pair.after
        targets = record.targets if record else ()
        if any(target.endswith(".acm-validations.aws") for target in targets):
            return True
        name = pair.resource.values.get("name")
        named = self.resources.candidates(pair.resource, name)
        return any(each.type == CERTIFICATE for each in named)

    def lost_through(self, name: str) -> str:
        """Name a device name that leads to a name, and of whose ends none is left by the plans.

        Empty where there is none.
        """
        return self._lost.get(name, "")

    @cached_property
    def _lost(self) -> Mapping[str, str]:
        """Return the device names that lead nowhere any more, by what they lead to."""
        found: dict[str, str] = {}
        for name in filter(self.names.is_device_name, self.before):
            ends = self.after.ends(name)
            if all(end in self.before and end not in self.after for end in ends):
                found |= dict.fromkeys(ends, name)
        return found

    def are_answered_below(self, zone: str) -> bool:
        """Whether a name that devices need is in a zone, and was before the plans."""
        return any(each in self.before for each in self.names.below(zone))

    def are_answered_in(self, zone_id: str) -> bool:
        """Whether a record that devices need was in the zone of an id before the plans."""
        return any(
            pair.before is not None
            and self.names.kind(pair.before) is not None
            and self.values(key).get("zone_id") == zone_id
            for key, pair in self._records.items()
        )

    def _of_type(self, type_: str) -> Iterator[Resource]:
        return (each for each in self._by_key.values() if each.type == type_)

    def _records_at(self, *, is_after: bool) -> Iterator[Record]:
        for pair in self._records.values():
            if record := pair.after if is_after else pair.before:
                yield record

    def _domains(self) -> Iterator[str]:
        for domain in self._of_type(DOMAIN):
            yield from (name for each in domain.states if (name := _domain_name(each)))

    def _regions_of_names(self) -> Mapping[str, str]:
        """Return the region of each name that settings, or the only domain configuration, tell."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for domain in self._of_type(DOMAIN):
            for values in domain.states:
                if domain.region and (name := _domain_name(values)):
                    found[name].add(domain.region)
        known = {name: min(regions) for name, regions in found.items() if len(regions) == 1}
        if settings := self._settings:
            known |= {settings.regional_name(each): each for each in settings.regions}
        return known

    def _askers(self, *, is_after: bool) -> Mapping[Key, list[str]]:
        asking: defaultdict[Key, list[str]] = defaultdict(list)
        for record in self._records_at(is_after=is_after):
            if check := self.checks.find(record.check):
                asking[key_of(check)].append(self.names.subject(record))
        return asking


def _before(resource: Resource) -> Record | None:
    """Return a record as the plan finds it, None where it is not there yet."""
    if resource.change is None or resource.change.before is None:
        return None
    # Read once: a large plan makes a mapping anew each time it is asked.
    return record_in(dict(resource.change.before), resource.id)


def _after(resources: ResourceSet, resource: Resource) -> Record | None:
    """Return a record as the plan leaves it, by the names that are known; None where it goes."""
    record = declared_names(resources).record(resource)
    if record is None:
        return None
    argument, values = record_targets(resource)
    names = (known_dns_name(resources, resource, argument, each) for each in values)
    return replace(
        record,
        targets=tuple(name for name in names if name),
        check=text(resources.resolve(resource, resource.values.get("health_check_id"))),
        is_private=False,
    )


def _domain_name(values: Mapping[str, Any]) -> str:
    return dns_name(text(values.get("domain_name")))


def _needed(resources: Mapping[Key, Resource]) -> Mapping[Key, Resource]:
    """Return the resources whose connections count, in an order that the plans' order leaves be."""
    wanted = {RECORD, CHECK, ALARM, DOMAIN}
    return {key: resources[key] for key in sorted(resources) if resources[key].type in wanted}
