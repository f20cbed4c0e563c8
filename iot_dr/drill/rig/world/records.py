"""The records behind the device name, as Terraform has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from iot_dr.drill.rig.world.design import DEEPEST, Design, WorldError, error_at
from iot_dr.route53.failover import failover_groups
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.route53.terraform_records import DeclaredRecord, record_targets
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name

_SIDES: Final = ("PRIMARY", "SECONDARY")


@dataclass(frozen=True, slots=True)
class Records:
    """The records from the device name down to regional names.

    `order` are the regions as they take over; `regional` the records that lead to one region alone,
    by region, those that a failover record leads to first.
    """

    asked: list[Record] = field(default_factory=list[Record])
    order: list[str] = field(default_factory=list[str])
    regional: dict[str, Record] = field(default_factory=dict[str, Record])


def read_records(design: Design, device_name: str) -> Records:
    """Read what the device name leads to.

    Raises WorldError for a failover name without exactly one PRIMARY, or with two SECONDARY, for
    a name or check that leads nowhere, and for a name that leads back to itself.
    """
    records = Records()
    _follow(design, device_name, records, ())
    targets = {record.target for record in records.asked}
    plain = [(region, found) for found in _plain(design) for region in _region(design, found)]
    # A stable order: those that are led to stand first.
    for region, found in sorted(plain, key=lambda each: each[1].name not in targets):
        if region not in records.regional:
            _note_routing(design, found)
            records.regional[region] = _read(design, found)
    return records


def _follow(design: Design, name: str, records: Records, above: tuple[str, ...]) -> None:
    if name in above or len(above) > DEEPEST:
        raise WorldError(f"{name}: its records lead back to itself; lead each to what is below it")
    for found in _at(design, name, is_device_name=not above):
        record = _read(design, found)
        records.asked.append(record)
        if record.is_alias:
            _follow(design, record.target, records, (*above, name))
            continue
        region = next(iter(_region(design, found)), None)
        if region is None:
            message = f"{record.target} leads to no region: it ends at no endpoint of AWS IoT"
            raise error_at(found.resource, message)
        if region not in records.order:
            records.order.append(region)


def _at(design: Design, name: str, *, is_device_name: bool) -> Iterator[DeclaredRecord]:
    """Yield the records that answer for a name, the PRIMARY first."""
    groups = [
        group
        for group in failover_groups(design.resources)
        if group.name == name and not any(each.zone.is_private for each in group.records)
    ]
    if not groups:
        yield from _single(design, name, is_device_name=is_device_name)
        return
    group, *others = sorted(groups, key=lambda each: each.type != "CNAME")
    for other in others:
        design.leave_out(other.records[0].resource, f"records of type {other.type} are not asked")
    for side in _SIDES:
        found = group.side(side)
        if len(found) > 1 or (not found and side == "PRIMARY"):
            told = ", ".join(each.id for each in found) or "none"
            where = group.records[0].id
            raise WorldError(f"{where}: {name} must have one {side} record, and has {told}")
        yield from found


def _single(design: Design, name: str, *, is_device_name: bool) -> Iterator[DeclaredRecord]:
    found = [each for each in _plain(design) if each.name == name]
    if is_device_name or not found:
        stacks = ", ".join(stack.name for stack in design.resources.stacks)
        wanted = "a PRIMARY record" if is_device_name else "a record"
        raise WorldError(f"{name} has no such thing as {wanted} in {stacks}")
    _note_routing(design, found[0])
    yield found[0]


def _plain(design: Design) -> Iterator[DeclaredRecord]:
    for found in design.names.records:
        if found.name and not found.is_failover and not found.zone.is_private:
            yield found


def _note_routing(design: Design, found: DeclaredRecord) -> None:
    if found.routing:
        design.leave_out(
            found.resource,
            f"{found.routing} routing is not rehearsed; this record alone answers for {found.name}",
        )


def _region(design: Design, found: DeclaredRecord) -> set[str]:
    """Return the one region of AWS IoT that a record leads to, nothing where it is not one."""
    ends = design.names.destinations(found)
    regions = {end.region for end in ends if end.is_iot and end.region}
    return regions if len(regions) == 1 and all(end.is_iot for end in ends) else set()


def _read(design: Design, found: DeclaredRecord) -> Record:
    resource = found.resource
    argument, values = record_targets(resource)
    names = [_target(design, found, argument, value) for value in values]
    if not names or not names[0]:
        raise error_at(resource, f"{argument} leads nowhere: {', '.join(values) or 'none'}")
    if len(names) > 1:
        design.leave_out(resource, f"of {len(names)} values the first alone is answered")
    if found.check and found.check not in declared_checks(design.resources):
        raise error_at(resource, f"health_check_id leads to no health check: {found.check}")
    return Record(
        name=found.name,
        routing=found.routing,
        side=found.side if found.side in _SIDES else "",
        targets=(names[0],),
        ttl=None if found.is_alias else design.whole(resource, "ttl", 0),
        check=found.check,
        is_alias=found.is_alias,
        evaluates_target=found.evaluates_target,
    )


def _target(design: Design, found: DeclaredRecord, argument: str, value: str) -> str | None:
    """Return the name that a value of a record stands for, None where it leads nowhere."""
    name = known_dns_name(design.resources, found.resource, argument, value)
    if name and is_resolved_name(name):
        return name
    # A plan tells of some references which record they lead to, and no name.
    led = next(iter(design.names.steps(found.resource, argument, value)), None)
    if isinstance(led, DeclaredRecord):
        return led.name
    return led.name if led and not found.is_failover else None
