"""The resources that devices depend on in a set of plans, before and after the apply."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.review.impact.device_names import DeviceNames, RecordsByName
from iot_dr.review.impact.health_checks import (
    ALARM,
    Alarms,
    HealthChecks,
    Key,
    checks_by_endpoint,
    key_of,
)
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_checks import declared_evaluation
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
    """Hosted zones by id and name, before and after the apply."""

    def __init__(self, resources: ResourceSet, managed: Iterable[Resource]) -> None:
        self._resources = resources
        self._names: dict[str, str] = {}
        self._servers: defaultdict[str, set[str]] = defaultdict(set)
        for zone in (each for each in managed if each.type == ZONE):
            name = _zone_name(zone)
            for values in zone.states:
                self._names |= {text(values.get(argument)): name for argument in ("id", "zone_id")}
                self._servers[name] |= {
                    dns_name(server) for server in texts(values.get("name_servers"))
                }

    def zone_name(self, resource: Resource) -> str:
        """Return the name of the zone that a resource refers to; empty if it is unknown."""
        ids = [text(values.get(argument)) for values in resource.states for argument in _IDS]
        referenced = (
            _zone_name(candidate)
            for id_ in ids
            for candidate in self._resources.candidates(resource, id_, ZONE)
        )
        known = (self._names.get(id_, "") for id_ in ids if id_)
        return next(filter(None, (*known, *referenced)), "")

    def servers(self, name: str) -> frozenset[str]:
        """Return the known name servers of all zones with a name."""
        return frozenset(self._servers.get(name, ()))


def _zone_name(zone: Resource) -> str:
    return dns_name(next(filter(None, (text(each.get("name")) for each in zone.states)), ""))


@dataclass(frozen=True, slots=True)
class RecordPair:
    """A record before and after the apply; None where it does not exist."""

    resource: Resource
    before: Record | None
    after: Record | None


class DeviceDependencies:
    """Names, records, health checks and alarms of a set of plans, before and after the apply."""

    def __init__(self, resources: ResourceSet, expected: DesignExpectation | None) -> None:
        self.resources = resources
        self._expected = expected
        self._all = {
            key_of(resource): resource
            for stack in resources.stacks
            for resource in stack.resources
            if resource.mode == "managed"
        }
        self._by_key = _dns_and_alarm_resources(self._all)
        self.zones = Zones(resources, self._all.values())
        self._records = {
            key: RecordPair(resource, _before(resource), _after(resources, resource))
            for key, resource in self._by_key.items()
            if resource.type == RECORD
        }
        regions = self._regions_of_names()
        self.before = RecordsByName(self._records_at(is_after=False), regions)
        self.after = RecordsByName(self._records_at(is_after=True), regions)
        records = [*self._records_at(is_after=False), *self._records_at(is_after=True)]
        before_and_after = (self.before, self.after)
        self.names = DeviceNames(records, before_and_after, self._domains(), expected)
        self.checks = HealthChecks(self._of_type(CHECK))
        self.alarms = Alarms(resources, self._of_type(ALARM), self._of_type(CHECK))

    def resource(self, key: Key) -> Resource | None:
        """Return a managed resource of any type, also one that is destroyed; None if unknown."""
        return self._all.get(key)

    def checks_of_endpoint(self, key: Key) -> tuple[Resource, ...]:
        """Return the health checks of the endpoint that a resource is, or is a part of."""
        return self._checks_by_endpoint.get(key, ())

    @cached_property
    def _checks_by_endpoint(self) -> Mapping[Key, tuple[Resource, ...]]:
        return checks_by_endpoint(self.resources, self._all.values())

    def find(self, key: Key) -> Resource | None:
        """Return a record, health check, alarm or domain configuration; None for other types."""
        return self._by_key.get(key)

    def values(self, key: Key) -> Mapping[str, Any]:
        """Return a resource's values before the apply; after it if it is new; empty if unknown."""
        resource = self._all.get(key)
        if resource is None:
            return {}
        return (resource.change.before if resource.change else None) or resource.values

    def states(self, key: Key) -> tuple[Mapping[str, Any], ...]:
        """Return a resource's values after the apply, then before it; empty if it is unknown."""
        resource = self._all.get(key)
        return resource.states if resource else ()

    def record(self, key: Key) -> RecordPair | None:
        """Return a record before and after the apply; None for other types."""
        return self._records.get(key)

    def pairs_of(self, name: str) -> tuple[RecordPair, ...]:
        """Return the records that have a name before or after the apply."""
        return self._pairs_by_name.get(name, ())

    @cached_property
    def _pairs_by_name(self) -> Mapping[str, tuple[RecordPair, ...]]:
        by_name: defaultdict[str, tuple[RecordPair, ...]] = defaultdict(tuple)
        for pair in self._records.values():
            for name in {record.name for record in (pair.before, pair.after) if record}:
                by_name[name] += (pair,)
        return by_name

    def users_of(self, check: Resource, *, is_after: bool) -> tuple[str, ...]:
        """Return the subjects of the records that use a check, or a calculated check above it."""
        if is_after:
            return tuple(sorted(self._users_after.get(check.id, ())))
        keys = self.checks.with_parents_before(check)
        return tuple(sorted({user for key in keys for user in self._users_before.get(key, ())}))

    @cached_property
    def _users_after(self) -> Mapping[str, set[str]]:
        """Return the records that use each check, by its id, as rules and proof read them."""
        users, names = defaultdict[str, set[str]](set), declared_names(self.resources)
        for pair in self._records.values():
            declared = names.record_of(pair.resource)
            if pair.after and declared and declared.check:
                for id_ in declared_evaluation(self.resources).check_ids(declared.check):
                    users[id_].add(self.names.subject(pair.after))
        return users

    @cached_property
    def _users_before(self) -> Mapping[Key, list[str]]:
        users: defaultdict[Key, list[str]] = defaultdict(list)
        for record in self._records_at(is_after=False):
            if check := self.checks.find(record.check):
                users[key_of(check)].append(self.names.subject(record))
        return users

    def is_validation_record(self, pair: RecordPair) -> bool:
        """Whether a record validates an ACM certificate, or did so before the apply.

        docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
        """
        record = pair.before or pair.after
        targets = record.targets if record else ()
        if any(target.endswith(".acm-validations.aws") for target in targets):
            return True
        name = pair.resource.values.get("name")
        return bool(self.resources.candidates(pair.resource, name, CERTIFICATE))

    def lost_through(self, name: str) -> str:
        """Return a device name that resolves to `name` and loses all its final targets.

        Empty if there is none.
        """
        return self._lost.get(name, "")

    @cached_property
    def _lost(self) -> Mapping[str, str]:
        """Return the device names that no longer resolve, by their final targets."""
        lost: dict[str, str] = {}
        for name in filter(self.names.is_device_name, self.before):
            targets = self.after.final_targets(name)
            if all(target in self.before and target not in self.after for target in targets):
                lost |= dict.fromkeys(targets, name)
        return lost

    def had_device_names_in(self, zone: str) -> bool:
        """Whether a zone had a name that devices need before the apply."""
        return any(name in self.before for name in self.names.in_zone(zone))

    def had_device_records_in(self, zone_id: str) -> bool:
        """Whether the zone with an id had a record that devices need before the apply."""
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
            yield from (name for values in domain.states if (name := _domain_name(values)))

    def _regions_of_names(self) -> Mapping[str, str]:
        """Return names and their region, from settings and from domain configurations.

        A name with domain configurations in several regions has no region: it is the device name.
        """
        by_name: defaultdict[str, set[str]] = defaultdict(set)
        for domain in self._of_type(DOMAIN):
            for values in domain.states:
                if domain.region and (name := _domain_name(values)):
                    by_name[name].add(domain.region)
        known = {name: min(regions) for name, regions in by_name.items() if len(regions) == 1}
        if expected := self._expected:
            known |= {name: region for region, name in expected.regional_names.items()}
        return known


def _before(resource: Resource) -> Record | None:
    """Return a record before the apply; None if it is new or no plan has a change for it."""
    if resource.change is None or resource.change.before is None:
        return None
    # Copied once: a large plan builds the mapping again at each access.
    return record_in(dict(resource.change.before), resource.id)


def _after(resources: ResourceSet, resource: Resource) -> Record | None:
    """Return a record after the apply, with the targets that are known; None if it is removed."""
    record = declared_names(resources).record_of(resource)
    if record is None:
        return None
    argument, values = record_targets(resource)
    names = (known_dns_name(resources, resource, argument, value) for value in values)
    return replace(
        record,
        targets=tuple(name for name in names if name),
        check=text(resources.resolve(resource, resource.values.get("health_check_id"))),
        is_private=False,
    )


def _domain_name(values: Mapping[str, Any]) -> str:
    return dns_name(text(values.get("domain_name")))


def _dns_and_alarm_resources(resources: Mapping[Key, Resource]) -> Mapping[Key, Resource]:
    """Return records, checks, alarms and domain configurations, sorted by key.

    The order must not depend on the order in which plans are given.
    """
    types = {RECORD, CHECK, ALARM, DOMAIN}
    return {key: resources[key] for key in sorted(resources) if resources[key].type in types}
