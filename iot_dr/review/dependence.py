"""What devices depend on in a set of plans: names, and what decides where these lead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from environments.settings import Settings
from iot_dr.resources.dns_name import dns_name
from iot_dr.resources.json_value import text
from iot_dr.resources.resource import Resource
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.review.check_sight import CheckSights, Key, key_of
from iot_dr.review.device_names import DeviceNames
from iot_dr.review.leading import Leading
from iot_dr.review.record_sight import RECORD, RecordSight, after, before
from iot_dr.rules.health_checks import CHECK

ALARM: Final = "aws_cloudwatch_metric_alarm"
DOMAIN: Final = "aws_iot_domain_configuration"
CERTIFICATE: Final = "aws_acm_certificate"


@dataclass(frozen=True, slots=True)
class RecordPair:
    """A record as the plan finds it and as it leaves it."""

    resource: Resource
    before: RecordSight | None
    after: RecordSight | None


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
        self._records = {
            each: RecordPair(found, before(found), after(resources, found))
            for each, found in self._by_key.items()
            if found.type == RECORD
        }
        regions = self._regions_of_names()
        self.before = Leading(self._sights(is_after=False), regions)
        self.after = Leading(self._sights(is_after=True), regions)
        sights = [*self._sights(is_after=False), *self._sights(is_after=True)]
        leads = (self.before, self.after)
        self.names = DeviceNames(sights, leads, self._domains(), settings)
        self.checks = CheckSights(resources, self._of_type(CHECK))
        self._asking = {flag: self._askers(is_after=flag) for flag in (False, True)}
        self._alarms = self._alarms_by_name()
        self._on_alarm = self._checks_by_alarm()

    def find(self, key: Key) -> Resource | None:
        """Give a resource of the types that are looked at, those that go included."""
        return self._by_key.get(key)

    def values(self, key: Key) -> Mapping[str, Any]:
        """Give what a resource is before the plan; what it will be where it is not there yet."""
        found = self._all.get(key)
        if found is None:
            return {}
        return (found.change.before if found.change else None) or found.values

    def record(self, key: Key) -> RecordPair | None:
        """Give a record before and after; None for what is no record."""
        return self._records.get(key)

    def asked_by(self, check: Resource, *, is_after: bool) -> tuple[str, ...]:
        """Name the records that ask a check, or one that adds it up, each once."""
        asking = self._asking[is_after]
        above = self.checks.above(check, is_after=is_after)
        return tuple(sorted({each for key in above for each in asking.get(key, ())}))

    def alarms(self, name: str) -> tuple[Resource, ...]:
        """Give the alarms of a name, those that go included."""
        return tuple(self._alarms.get(name, ()))

    def checks_on(self, alarm: Resource, name: str) -> tuple[Resource, ...]:
        """Give the checks that follow an alarm, before or after."""
        found = self._on_alarm.get(name, {})
        return tuple(each for region in ("", alarm.region or "") for each in found.get(region, ()))

    def is_certificates_own(self, pair: RecordPair) -> bool:
        """Tell whether a record is what a certificate is validated by."""
        sights = [each for each in (pair.before, pair.after) if each]
        targets = [target for each in sights for target in each.targets]
        if any(target.endswith(".acm-validations.aws") for target in targets):
            return True
        name = pair.resource.values.get("name")
        named = self.resources.candidates(pair.resource, name)
        return any(each.type == CERTIFICATE for each in named)

    def _of_type(self, type_: str) -> Iterator[Resource]:
        return (each for each in self._by_key.values() if each.type == type_)

    def _sights(self, *, is_after: bool) -> Iterator[RecordSight]:
        for pair in self._records.values():
            if sight := pair.after if is_after else pair.before:
                yield sight

    def _domains(self) -> Iterator[str]:
        for domain in self._of_type(DOMAIN):
            yield from (name for each in states(domain) if (name := _domain_name(each)))

    def _regions_of_names(self) -> Mapping[str, str]:
        """Give the region of each name that settings, or the only domain configuration, tell."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for domain in self._of_type(DOMAIN):
            for values in states(domain):
                if domain.region and (name := _domain_name(values)):
                    found[name].add(domain.region)
        known = {name: min(regions) for name, regions in found.items() if len(regions) == 1}
        if settings := self._settings:
            known |= {settings.regional_name(each): each for each in settings.regions}
        return known

    def _askers(self, *, is_after: bool) -> Mapping[Key, list[str]]:
        asking: defaultdict[Key, list[str]] = defaultdict(list)
        for sight in self._sights(is_after=is_after):
            if check := self.checks.find(sight.check):
                asking[key_of(check)].append(self.names.subject(sight))
        return asking

    def _alarms_by_name(self) -> Mapping[str, list[Resource]]:
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for alarm in self._of_type(ALARM):
            for name in {text(values.get("alarm_name")) for values in states(alarm)}:
                found[name].append(alarm)
        return found

    def _checks_by_alarm(self) -> Mapping[str, Mapping[str, list[Resource]]]:
        found: defaultdict[str, defaultdict[str, list[Resource]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for check in self._of_type(CHECK):
            places = {
                (name, text(values.get("cloudwatch_alarm_region")))
                for values in states(check)
                if (
                    name := text(self.resources.resolve(check, values.get("cloudwatch_alarm_name")))
                )
            }
            for name, region in places:
                found[name][region].append(check)
        return found


def states(resource: Resource) -> tuple[Mapping[str, Any], ...]:
    """Give a resource's values as the plan leaves them, and as it finds them."""
    found = (resource.change.before if resource.change else None) or {}
    return dict(resource.values), dict(found)


def _domain_name(values: Mapping[str, Any]) -> str:
    return dns_name(text(values.get("domain_name")))


def _needed(resources: Mapping[Key, Resource]) -> Mapping[Key, Resource]:
    """Give the resources whose connections count, in an order that the plans' order leaves be."""
    wanted = {RECORD, CHECK, ALARM, DOMAIN}
    return {key: resources[key] for key in sorted(resources) if resources[key].type in wanted}
