"""The records behind the device name, as Terraform has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from iot_dr.drill.world.design import DEEPEST, Design, WorldError, error_at, id_of
from iot_dr.route53.record import Record
from iot_dr.rules.support.failover_pairs import failover_groups
from iot_dr.rules.support.health_checks import check_of
from iot_dr.rules.support.known_name import is_known, known_name
from iot_dr.rules.support.record import Record as Found
from iot_dr.terraform_json.expression import texts

_SIDES: Final[tuple[Literal["PRIMARY", "SECONDARY"], ...]] = ("PRIMARY", "SECONDARY")
_CHOSEN_BY_MORE: Final = (
    *("weighted", "latency", "geolocation", "geoproximity", "cidr", "multivalue_answer"),
)


@dataclass(frozen=True, slots=True)
class Records:
    """The records from the device name down to regional names.

    `order` are the regions as they take over; `regional` the records that lead to one region alone,
    by region, those that a failover record leads to first.
    """

    asked: list[tuple[Record, Found]] = field(default_factory=list[tuple[Record, Found]])
    order: list[str] = field(default_factory=list[str])
    regional: dict[str, Record] = field(default_factory=dict[str, Record])


def read_records(design: Design, device_name: str) -> Records:
    """Read what the device name leads to.

    Raises WorldError for a failover name without exactly one PRIMARY, or with two SECONDARY, for
    a name or check that leads nowhere, and for a name that leads back to itself.
    """
    records = Records()
    _follow(design, device_name, records, ())
    targets = {record.target for record, _ in records.asked}
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
        records.asked.append((record, found))
        if record.is_alias:
            _follow(design, record.target, records, (*above, name))
            continue
        region = next(iter(_region(design, found)), None)
        if region is None:
            message = f"{record.target} leads to no region: it ends at no endpoint of AWS IoT"
            raise error_at(found.resource, message)
        if region not in records.order:
            records.order.append(region)


def _at(design: Design, name: str, *, is_device_name: bool) -> Iterator[Found]:
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
            told = ", ".join(id_of(each.resource) for each in found) or "none"
            where = id_of(group.records[0].resource)
            raise WorldError(f"{where}: {name} must have one {side} record, and has {told}")
        yield from found


def _single(design: Design, name: str, *, is_device_name: bool) -> Iterator[Found]:
    found = [each for each in _plain(design) if each.name == name]
    if is_device_name or not found:
        stacks = ", ".join(stack.name for stack in design.resources.stacks)
        wanted = "a PRIMARY record" if is_device_name else "a record"
        raise WorldError(f"{name} has no such thing as {wanted} in {stacks}")
    _note_routing(design, found[0])
    yield found[0]


def _plain(design: Design) -> Iterator[Found]:
    for found in design.names.records:
        if found.name and not found.is_failover and not found.zone.is_private:
            yield found


def _note_routing(design: Design, found: Found) -> None:
    values = found.resource.values
    policies = [each for each in _CHOSEN_BY_MORE if values.get(f"{each}_routing_policy")]
    if policies:
        design.leave_out(
            found.resource,
            f"{policies[0]} routing is not rehearsed; this record alone answers for {found.name}",
        )


def _region(design: Design, found: Found) -> set[str]:
    """Give the one region of AWS IoT that a record leads to, nothing where it is not one."""
    ends = design.names.ends(found)
    regions = {end.region for end in ends if end.is_iot and end.region}
    return regions if len(regions) == 1 and all(end.is_iot for end in ends) else set()


def _read(design: Design, found: Found) -> Record:
    resource = found.resource
    is_alias = found.alias is not None
    targets = [found.alias] if is_alias else texts(resource.values.get("records"))
    argument = "alias" if is_alias else "records"
    targets = [each for each in targets if isinstance(each, str)]
    names = [_target(design, found, argument, each) for each in targets]
    if not names or not names[0]:
        raise error_at(resource, f"{argument} leads nowhere: {', '.join(targets) or 'none'}")
    if len(names) > 1:
        design.leave_out(resource, f"of {len(names)} values the first alone is answered")
    check = check_of(design.resources, found)
    asked = resource.values.get("health_check_id")
    if asked and check is None:
        raise error_at(resource, f"health_check_id leads to no health check: {asked}")
    return Record(
        name=found.name or "",
        routing="failover" if found.is_failover else "",
        targets=(names[0],),
        side=_side(found),
        ttl=None if is_alias else design.whole(resource, "ttl", 0),
        check=id_of(check) if check else None,
        is_alias=is_alias,
        evaluates_target=found.evaluates_target,
    )


def _target(design: Design, found: Found, argument: str, value: str) -> str | None:
    """Give the name that a value of a record stands for, None where it leads nowhere."""
    name = known_name(design.resources, found.resource, argument, value)
    if name and is_known(name):
        return name
    # A plan tells of some references which record they lead to, and no name.
    led = next(iter(design.names.steps(found.resource, argument, value)), None)
    if isinstance(led, Found):
        return led.name
    return led.what if led and not found.is_failover else None


def _side(found: Found) -> Literal["PRIMARY", "SECONDARY"] | None:
    return next((side for side in _SIDES if found.side == side), None)
