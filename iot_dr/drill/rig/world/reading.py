"""Reader of the world from an environment's synthesized Terraform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from environments.settings import Settings
from iot_dr.design.device_access import device_certificates, device_policies
from iot_dr.design.iot_policy import ClientPolicies
from iot_dr.design.known_devices import knows_devices
from iot_dr.drill.rig.world.checks import CheckReader
from iot_dr.drill.rig.world.design import RigDesign, WorldError, error_at, read_design
from iot_dr.drill.rig.world.functions import RegionFunctions
from iot_dr.drill.rig.world.world import RegionSite, World
from iot_dr.route53.evaluation import DEEPEST
from iot_dr.route53.failover import failover_groups
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.route53.terraform_records import DeclaredRecord, record_targets
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name

_DOMAIN: Final = "aws_iot_domain_configuration"

_SIDES: Final = ("PRIMARY", "SECONDARY")


@dataclass(frozen=True, slots=True)
class DeviceNameRecords:
    """The records from the device name to the regional names.

    `followed` are in resolution order, `order` are the regions in failover order. `regional` are
    the records that resolve to exactly one region, by region; targets of failover records win.
    """

    followed: list[Record] = field(default_factory=list[Record])
    order: list[str] = field(default_factory=list[str])
    regional: dict[str, Record] = field(default_factory=dict[str, Record])


def read_records(design: RigDesign, device_name: str) -> DeviceNameRecords:
    """Read the records that the device name resolves through.

    Raises WorldError for a failover name without exactly one PRIMARY or with two SECONDARY records,
    for a missing target or check, and for a cycle.
    """
    records = DeviceNameRecords()
    _follow(design, device_name, records, ())
    targets = {record.target for record in records.followed}
    plain = [(region, record) for record in _plain(design) for region in _region(design, record)]
    # Stable: targets of failover records first.
    for region, record in sorted(plain, key=lambda pair: pair[1].name not in targets):
        if region not in records.regional:
            _note_routing(design, record)
            records.regional[region] = _read(design, record)
    return records


def _follow(
    design: RigDesign, name: str, records: DeviceNameRecords, above: tuple[str, ...]
) -> None:
    if name in above or len(above) > DEEPEST:
        raise WorldError(
            f"{name}: its records form a cycle, or more than {DEEPEST} levels; remove one"
        )
    for declared in _at(design, name, is_device_name=not above):
        record = _read(design, declared)
        records.followed.append(record)
        if record.is_alias:
            _follow(design, record.target, records, (*above, name))
            continue
        region = next(iter(_region(design, declared)), None)
        if region is None:
            message = f"{record.target} does not resolve to an endpoint of AWS IoT in one region"
            raise error_at(declared.resource, message)
        if region not in records.order:
            records.order.append(region)


def _at(design: RigDesign, name: str, *, is_device_name: bool) -> Iterator[DeclaredRecord]:
    """Yield the records of a name, the PRIMARY first.

    Raises WorldError without a record, and unless each side has one record, the SECONDARY at most.
    """
    groups = [
        group
        for group in failover_groups(design.resources)
        if group.name == name and not any(each.zone.is_private for each in group.records)
    ]
    if not groups:
        yield from _single(design, name, is_device_name=is_device_name)
        return
    group, *ignored = sorted(groups, key=lambda each: each.type != "CNAME")
    for ignored_group in ignored:
        place = ignored_group.records[0].id
        design.not_understood.add(f"{place}: records of type {ignored_group.type} are ignored")
    for side in _SIDES:
        records = group.side(side)
        if len(records) > 1 or (not records and side == "PRIMARY"):
            ids = ", ".join(each.id for each in records) or "none"
            where = group.records[0].id
            raise WorldError(f"{where}: {name} must have one {side} record, not {ids}")
        yield from records


def _single(design: RigDesign, name: str, *, is_device_name: bool) -> Iterator[DeclaredRecord]:
    records = [each for each in _plain(design) if each.name == name]
    if is_device_name or not records:
        stacks = ", ".join(stack.name for stack in design.resources.stacks)
        wanted = "a PRIMARY record" if is_device_name else "a record"
        raise WorldError(f"{name}: no record in {stacks}; expected {wanted}")
    _note_routing(design, records[0])
    yield records[0]


def _plain(design: RigDesign) -> Iterator[DeclaredRecord]:
    for record in design.names.records:
        if record.name and not record.is_failover and not record.zone.is_private:
            yield record


def _note_routing(design: RigDesign, record: DeclaredRecord) -> None:
    if record.routing:
        design.not_understood.add(
            f"{record.id}: {record.routing} routing; only this record answers for {record.name}"
        )


def _region(design: RigDesign, record: DeclaredRecord) -> set[str]:
    """Return the region that a record resolves to; empty if it is not exactly one."""
    ends = design.names.destinations(record)
    regions = {end.region for end in ends if end.is_iot and end.region}
    return regions if len(regions) == 1 and all(end.is_iot for end in ends) else set()


def _read(design: RigDesign, declared: DeclaredRecord) -> Record:
    resource = declared.resource
    argument, values = record_targets(resource)
    names = [_target(design, declared, argument, value) for value in values]
    if not names or not names[0]:
        message = f"{argument}: {', '.join(values) or 'no value'} does not resolve in these stacks"
        raise error_at(resource, message)
    if len(names) > 1:
        reason = f"{resource.id}: only the first of {len(names)} values is answered"
        design.not_understood.add(reason)
    if declared.check and declared.check not in declared_checks(design.resources):
        message = f"health_check_id: {declared.check} is not a health check of these stacks"
        raise error_at(resource, message)
    return Record(
        name=declared.name,
        routing=declared.routing,
        side=declared.side if declared.side in _SIDES else "",
        targets=(names[0],),
        ttl=None if declared.is_alias else design.argument_number(resource, "ttl", 0),
        check=declared.check,
        is_alias=declared.is_alias,
        evaluates_target=declared.evaluates_target,
    )


def _target(design: RigDesign, declared: DeclaredRecord, argument: str, value: str) -> str | None:
    """Return the name that a record's value refers to, or None."""
    name = known_dns_name(design.resources, declared.resource, argument, value)
    if name and is_resolved_name(name):
        return name
    # For some references a plan has the record's address, but not its name.
    led = next(iter(design.names.steps(declared.resource, argument, value)), None)
    if isinstance(led, DeclaredRecord):
        return led.name
    return led.name if led and not declared.is_failover else None


def synthesized_world(settings: Settings) -> World:
    """Synthesize an environment to a temporary folder, and read its world.

    A platform that is adopted is read as after its cut-over: the old record has no check, so
    without the failover records there would be nothing to rehearse. Raises BlockedError if a rule
    blocks a stack, and the errors of `read_world`.
    """
    with TemporaryDirectory(prefix="iot-dr-drill-") as scratch:
        out = Path(scratch) / "out"
        RUNTIME.get().synthesize([settings.after_cut_over], out)
        return read_world(out, settings)


def read_world(folder: Path, settings: Settings) -> World:
    """Read an environment from its synthesized stacks in a folder, or from plans as JSON.

    From the settings it takes only the names of environment, zone and device name, the regions,
    and the targets. Raises WorldError for inconsistent Terraform; NoFilesError and JsonFileError
    for a folder without Terraform JSON.
    """
    design = read_design(folder, settings)
    records = read_records(design, settings.device_name)
    declared = declared_checks(design.resources)
    asked = [declared[record.check] for record in records.followed if record.check]
    functions = RegionFunctions(design, [check.id for check in asked])
    sites = _sites(design, records, settings, functions)
    names = {site.region: site.regional_name for site in sites}
    checks = CheckReader(design, settings.environment, names=names, functions=functions)
    for check in asked:
        checks.read(check)
    regional = [records.regional[site.region] for site in sites]
    return World(
        environment=settings.environment,
        device_name=settings.device_name,
        zone_name=settings.zone_name,
        sites=tuple(sites),
        records=tuple(dict.fromkeys([*records.followed, *regional])),
        checks=checks.checks,
        alarms=checks.alarms,
        watchers=tuple(functions.watchers([site.region for site in sites])),
        recovery=settings.recovery,
        unrehearsed=tuple(design.unrehearsed),
        not_understood=design.not_understood.sentences,
    )


def _sites(
    design: RigDesign, records: DeviceNameRecords, settings: Settings, functions: RegionFunctions
) -> Sequence[RegionSite]:
    """Return the regions in failover order, then those without a failover record."""
    order = dict.fromkeys([*records.order, *settings.failover_order])
    return [
        RegionSite(
            region=region,
            regional_name=_regional_name(design, records, region),
            served_names=_served_names(design, region),
            knows_devices=region == records.order[0] or knows_devices(design.resources, region),
            canary=functions.canary(region),
            api=functions.api(region),
            certificates=device_certificates(design.resources, region, design.not_understood),
            policies=_policies(design, region, records.order[0]),
        )
        for region in order
    ]


def _policies(design: RigDesign, region: str, primary: str) -> tuple[str, ...]:
    """Return the devices' IoT policies in a region, and note parts that are not understood."""
    policies = device_policies(design.resources, region, primary, design.not_understood)
    for problem in ClientPolicies(policies).not_understood:
        design.not_understood.add(f"the devices' IoT policy in {region}: {problem}")
    return policies


def _regional_name(design: RigDesign, records: DeviceNameRecords, region: str) -> str:
    if region in records.regional:
        return records.regional[region].name
    serving = {
        domain.stack
        for domain in design.resources.of_type("aws_iot_domain_configuration")
        if domain.region == region
    }
    message = (
        f"{region} has no regional name: no record in {', '.join(sorted(serving)) or 'any stack'}"
        " resolves only to AWS IoT in that region"
    )
    raise WorldError(message)


def _served_names(design: RigDesign, region: str) -> frozenset[str]:
    """Return the names of a region's enabled domain configurations."""
    names: set[str] = set()
    for domain in design.resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_dns_name(design.resources, domain, "domain_name", value)
        is_on = design.argument_text(domain, "status") != "DISABLED"
        if domain.region == region and is_on and name and is_resolved_name(name):
            names.add(name)
    return frozenset(names)
