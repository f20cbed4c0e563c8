"""Reads the designs of all device names from Terraform resources."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from iot_dr.design.access_deviations import open_regions
from iot_dr.design.check_subjects import check_subjects, with_sites
from iot_dr.design.data_path import data_paths
from iot_dr.design.design import Alarm, Design, Probe, RecordTarget
from iot_dr.design.deviations import delays, deviations
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.iot import key_algorithms
from iot_dr.design.notes import INFERRED_KINDS, UNKNOWN_KINDS, NoteKind, Notes
from iot_dr.design.publishers import read_publishers
from iot_dr.design.record_faults import record_faults
from iot_dr.design.records_below import aliased_by
from iot_dr.design.remarks import remarks
from iot_dr.design.sites import of_endpoint, read_site
from iot_dr.design.unjudged import routing_word
from iot_dr.design.watchers import read_watchers
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.terraform_checks import declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.terraform_json.resource_set import ResourceSet


# Rules and the proof read the same, and designs without settings are read twice.
@lru_cache(maxsize=2)
def designs(
    resources: ResourceSet, expected: DesignExpectation | None = None
) -> tuple[Design, ...]:
    """Return the design of each public failover name that no other one leads to.

    The design of the device name of `expected` includes what that requires. Of others a
    record whose other side may be in another stack, or may not exist, is not a design.
    """
    return tuple(_designs(resources, expected))


def _designs(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Design]:
    names = declared_names(resources)
    groups = [group for group in failover_groups(resources) if not group.records[0].is_private]
    led_on = (record for group in groups for record in group.records if record.target != group.name)
    nested = {below.name for below in names.aliased(led_on)}
    covered = set[str]()
    # Names that lead to each other in a cycle are all nested: the first of them comes last.
    for group in sorted(groups, key=lambda group: group.name in nested):
        if group.name not in nested or group.name not in covered:
            records = _followed(resources, group)
            covered.update(record.name for record in records)
            is_ours = expected is not None and expected.device_name == group.name
            if (group.is_half or group.may_be_split) and not is_ours:
                continue
            yield _DesignReader(resources, group.name, records, expected).design()


def _followed(resources: ResourceSet, group: FailoverGroup) -> tuple[DeclaredRecord, ...]:
    """Return the records of a name, and those of the names that its aliases lead to."""
    followed = dict[str, DeclaredRecord]()
    waiting, aliases = deque(group.records), set[tuple[str, str, bool]]()
    while waiting:
        record = waiting.popleft()
        if record.id not in followed:
            followed[record.id] = record
            alias = (record.target, record.type, record.is_private)
            if record.is_alias and alias not in aliases:
                aliases.add(alias)
                waiting += aliased_by(resources, record)
    return tuple(followed.values())


class _DesignReader:
    """Reads the design of one name from the records that decide its answer.

    The expectation counts only if its device name is this one, but for what watchers need.
    """

    def __init__(
        self,
        resources: ResourceSet,
        name: str,
        records: tuple[DeclaredRecord, ...],
        expected: DesignExpectation | None,
    ) -> None:
        self._resources, self._name, self._records = resources, name, records
        self._expected = expected
        self._own = expected if expected and expected.device_name == name else None
        self._notes = Notes()
        checks = declared_checks(resources)
        asked = [record.check for record in records if record.check]
        self._ids = tuple(declared_evaluation(resources).check_ids(*asked)) if asked else ()
        self._evaluation = Evaluation(records, [checks[id_] for id_ in self._ids if id_ in checks])
        self._sites = {
            record.id: read_site(resources, name, record, self._own, self._notes)
            for record in records
            if not aliased_by(resources, record)
        }

    def design(self) -> Design:
        """Return the design; what is noted while its parts are read is in it."""
        resources, own, notes = self._resources, self._own, self._notes
        self._note_routing()
        self._note_certificates()
        alarms, probes = self._check_subjects()
        watchers = read_watchers(resources, self._expected, notes)
        publishers = read_publishers(resources, own, notes) if own else ()
        faults = dict.fromkeys(record_faults(resources, self._records, self._ids, own))
        data = data_paths(resources, own)
        if own:
            self._note_differences(own)
        design = Design(
            name=self._name,
            evaluation=self._evaluation,
            sites=self._sites,
            probes=(*probes, *self._alias_probes()),
            alarms=alarms,
            watchers=watchers,
            publishers=publishers,
            is_latched=bool(watchers),
            refused=tuple(fault.message for fault in faults if fault.is_certain),
            lost=tuple(loss.message for loss in data.lost),
            unknown=(
                *(fault.message for fault in faults if not fault.is_certain),
                *map(str, notes.of(UNKNOWN_KINDS)),
                *data.unknown,
            ),
            inferred=tuple(map(str, notes.of(INFERRED_KINDS))),
            notes=tuple(notes.of(frozenset(NoteKind) - UNKNOWN_KINDS - INFERRED_KINDS)),
        )
        return _as_required(design, own) if own else design

    def _note_routing(self) -> None:
        for record in self._records:
            if record.routing not in {"", "failover"}:
                routing = routing_word(record)
                self._notes.add(NoteKind.OTHER_ROUTING, name=record.name, routing=routing)

    def _note_certificates(self) -> None:
        regions = dict.fromkeys(site.region for site in self._sites.values() if site.region)
        algorithms = sorted(key_algorithms(self._resources, self._name, regions))
        if len(algorithms) > 1:
            keys = " and ".join(algorithms)
            self._notes.add(NoteKind.DIFFERENT_KEYS, name=self._name, keys=keys)

    def _check_subjects(self) -> tuple[tuple[Alarm, ...], tuple[Probe, ...]]:
        """Return the alarms and the probes behind the checks of the records."""
        alarms, probes = check_subjects(self._resources, self._ids, self._own, self._notes)
        if self._own:
            self._note_switches(alarms)
        else:
            alarms = self._with_places(alarms)
        used = defaultdict[str, list[RecordTarget]](list)
        for _, site, check in self._followed_checks():
            used[check].append(site)
        return alarms, tuple(
            with_sites(self._resources, probe, used[probe.check], self._notes) for probe in probes
        )

    def _followed_checks(self) -> Iterator[tuple[DeclaredRecord, RecordTarget, str]]:
        """Yield each check that the record of a site follows, with both."""
        for record in self._records:
            site = self._sites.get(record.id)
            if record.check and site:
                for check in self._evaluation.check_ids(record.check):
                    yield record, site, check

    def _note_switches(self, alarms: tuple[Alarm, ...]) -> None:
        """Note the switches of other regions that a record's check follows."""
        switched = {alarm.check.id: alarm.switched for alarm in alarms if alarm.switched}
        for record, site, check in self._followed_checks():
            region, address = switched.get(check), record.resource.address
            if region and region != site.region:
                self._notes.add(
                    NoteKind.OTHER_SWITCH, region=region, place=site.place, address=address
                )

    def _with_places(self, alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        """Return the switches with the place of the first record that asks for each."""
        switched: dict[str, str] = {}
        for _, site, check in self._followed_checks():
            switched.setdefault(check, site.place)
        return tuple(
            replace(alarm, switched=switched.get(alarm.check.id, alarm.switched))
            for alarm in alarms
        )

    def _note_differences(self, own: DesignExpectation) -> None:
        """Note what differs from the settings."""
        resources, notes = self._resources, self._notes
        for region in own.regions if own.uses_account_trail else ():
            notes.add(NoteKind.ACCOUNT_TRAIL, region=region)
        for sentence in delays(resources, own, self._records):
            notes.add(NoteKind.DELAY, delay=sentence)
        for sentence in deviations(resources, own, self._ids):
            notes.add(NoteKind.FAULT, fault=sentence)
        if regions := open_regions(resources, own):
            notes.add(NoteKind.OPEN_POLICY, regions=" and ".join(regions))
        for sentence in remarks(resources, own, self._ids):
            notes.add(NoteKind.DEVIATION, sentence=sentence)

    def _alias_probes(self) -> Iterator[Probe]:
        """Yield what Route 53 evaluates itself: the health of an alias's target outside the zone.

        docs.aws.amazon.com/Route53/latest/DeveloperGuide/
        resource-record-sets-values-failover-alias.html (Evaluate target health).
        """
        names = declared_names(self._resources)
        for record in self._records:
            if record.is_alias and record.evaluates_target and not names.alias_targets(record):
                for end in names.destinations(record):
                    yield Probe(check=record.target, place=end.name, fails_on=of_endpoint(end))


def _as_required(design: Design, own: DesignExpectation) -> Design:
    """Return a design with what the settings require of it."""
    return replace(
        design,
        is_latched=own.failover.fail_back == "latched",
        primary=own.failover.order[0],
        is_deep=own.failover.mode == "deep",
        adopted=own.adopted_region,
        regions=own.failover.order,
    )
