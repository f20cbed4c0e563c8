"""The impact of a change to a DNS record on devices."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from iot_dr.common.terraform_binary import product
from iot_dr.review.impact.device_dependencies import DeviceDependencies, RecordPair
from iot_dr.review.impact.device_impact import FORGOTTEN, Clause, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import check_label
from iot_dr.review.impact.record_order import regions_alone
from iot_dr.review.impact.zone_records import zone_record_impact
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.route53.names import is_of_addresses
from iot_dr.route53.record import Record
from iot_dr.rules.rule import Verdict, worst
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.resource import Resource

_RANKS: Final = {
    "device": Rank.DEVICE_NAME,
    "nested": Rank.NESTED_NAME,
    "failover": Rank.NESTED_NAME,
    "regional": Rank.REGIONAL_NAME,
}
_ARGUMENTS: Final = frozenset(
    (
        *("name", "type", "zone_id", "set_identifier", "records", "alias", "ttl"),
        *("health_check_id", "failover_routing_policy", "weighted_routing_policy"),
        *("latency_routing_policy", "geolocation_routing_policy", "cidr_routing_policy"),
        *("geoproximity_routing_policy", "multivalue_answer_routing_policy"),
    )
)
# The arguments shown for a new record; the others follow from its place in the routing policy.
_ARGUMENTS_OF_NEW: Final = frozenset(("name", "records", "alias", "ttl", "health_check_id"))


class _Case(NamedTuple):
    """A change to a record with its context."""

    change: ResourceChange
    differences: Differences
    resource: Resource
    dependencies: DeviceDependencies


def record_impact(
    change: ResourceChange, differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact of a change to a record that devices or ACM need; None for other records.

    `zone_record_impact` assesses records that are not those of a device, nested, failover or
    regional name. None also if nothing relevant changes.
    """
    pair = dependencies.record((change.stack, change.address))
    if pair is None:
        return None
    names = dependencies.names
    record = next((each for each in (pair.before, pair.after) if each and names.kind(each)), None)
    kind = names.kind(record) if record else None
    if record is None or kind is None:
        return zone_record_impact(change, differences, pair, dependencies)
    clauses = list(_clauses(_Case(change, differences, pair.resource, dependencies), pair))
    if not clauses:
        return None
    return Impact(
        rank=_RANKS[kind],
        verdict=worst(each.verdict for each in clauses),
        subject=names.subject(record),
        why="; ".join(each.text for each in clauses),
        arguments=_ARGUMENTS_OF_NEW if change.action is Action.CREATE else _ARGUMENTS,
    )


def _clauses(case: _Case, pair: RecordPair) -> Iterator[Clause]:
    old, new = (
        record if record and is_of_addresses(record.type) else None
        for record in (pair.before, pair.after)
    )
    if case.change.action is Action.FORGET:
        yield FORGOTTEN
    elif old is None and new is not None:
        yield _added(new, case.resource, case.dependencies)
    elif old is not None and new is None:
        yield _removed(old, case.dependencies)
    elif old is not None and new is not None:
        yield from _renamed_or_replaced(case, old, new)
        yield from _changed_arguments(case, old, new)


def _renamed_or_replaced(case: _Case, old: Record, new: Record) -> Iterator[Clause]:
    """Yield what a new name, or the gap during a replacement, means."""
    if old.name != new.name and old.name not in case.dependencies.after:
        yield _renamed(old, new, case.dependencies)
    elif old.name != new.name:
        yield Clause(Verdict.WARN, f"it becomes a record of {new.name or 'another name'}")
    elif case.change.action is Action.REPLACE:
        yield Clause(Verdict.WARN, _replacement_gap(case, old.name))


def _changed_arguments(case: _Case, old: Record, new: Record) -> Iterator[Clause]:
    """Yield a clause for each changed argument; sensitive and minor arguments only by name."""
    differences, named = case.differences, {"name", "zone_id"}
    numbers = differences.numbers("ttl")
    if clause := _new_target(old, new, case.dependencies):
        # The health check belongs to the target, and an alias has its target's TTL.
        named |= {"records", "alias", "health_check_id"} | (set() if numbers else {"ttl"})
        yield clause
    elif old.check != new.check and "health_check_id" not in differences.sensitive:
        named.add("health_check_id")
        yield Clause(Verdict.WARN, _new_check(old, new, case.dependencies))
    if numbers:
        named.add("ttl")
        yield _new_ttl(*numbers, is_regional=case.dependencies.names.kind(new) == "regional")
    rest = sorted(differences.arguments & _ARGUMENTS - named)
    if case.change.action is Action.UPDATE and rest:
        yield Clause(Verdict.WARN, _names_changed(rest))


def _names_changed(arguments: list[str]) -> str:
    """Return a clause that names changed arguments."""
    return f"its {', '.join(arguments)} change{'s' if len(arguments) == 1 else ''}"


def _replacement_gap(case: _Case, name: str) -> str:
    """Return what answers for a name between the deletion of the old record and the new one."""
    actions = case.resource.change.actions if case.resource.change else ()
    if actions[:1] == ("create",):
        return "the new record is created before the old one is deleted"
    has_others = len(case.dependencies.before.at(name)) > 1
    records = "only its other records" if has_others else "no record"
    return f"until the new record is created, {name} has {records}"


def _new_check(old: Record, new: Record, dependencies: DeviceDependencies) -> str:
    checks = dependencies.checks
    before, after = checks.find(old.check), checks.find(new.check)
    if after is not None and after is before:
        return f"{check_label(after)} is replaced, and it uses the new one"
    return f"it uses {checks.label(new.check)} instead of {checks.label(old.check)}"


def _new_ttl(before: int, after: int, *, is_regional: bool) -> Clause:
    lead = f"resolvers cache the answer for up to {after} s instead of {before} s"
    if is_regional:
        return Clause(
            Verdict.OK, f"{lead}, which does not affect failover: the name stays with its region"
        )
    if after > before:
        late = f"after a failover the last devices may reconnect {after - before} s later"
        return Clause(Verdict.WARN, f"{lead}, so {late}")
    soon = f"after a failover the last devices may reconnect {before - after} s sooner"
    return Clause(Verdict.OK, f"{lead}, so {soon}")


def _new_target(old: Record, new: Record, dependencies: DeviceDependencies) -> Clause | None:
    """Return what a new target means; None if the targets are the same.

    None also for a renamed record that leads to the same regions: the targets follow its name.
    """
    if old.targets == new.targets:
        return None
    before = dependencies.before.destinations(old.targets)
    after = dependencies.after.destinations(new.targets)
    if before == after:
        if old.name != new.name:
            # The regions are the same; only their names follow the new name.
            return None
        before, after = " and ".join(old.targets), " and ".join(new.targets)
    instead = f"{after}{',' if 'fails too' in after else ''} instead of {before}"
    return Clause(Verdict.WARN, _redirection(new, instead, dependencies))


def _redirection(new: Record, instead: str, dependencies: DeviceDependencies) -> str:
    kind = dependencies.names.kind(new)
    if kind == "regional":
        return f"it resolves to {instead}"
    if new.side == "SECONDARY":
        primary = "the nested PRIMARY fails too" if kind == "nested" else "the PRIMARY fails"
        return f"when {primary}, devices connect to {instead}"
    if kind == "nested":
        return f"when the regions before it fail, devices connect to {instead}"
    # Route 53 decides at the DNS query; an established MQTT connection is not affected.
    text = f"new connections go to {instead}, and existing connections stay until they close"
    if alone := regions_alone(new.name, dependencies):
        text += (
            f"; {product()} changes one record after the other: in between, all may resolve to"
            f" {' or to '.join(alone)} alone, and failover does not work"
        )
    return text


def _added(new: Record, resource: Resource, dependencies: DeviceDependencies) -> Clause:
    """Return what a new record means, and which existing record it competes with."""
    record = f"gets a {new.side} record that resolves to" if new.side else "resolves to"
    text = f"{new.name} {record} {dependencies.after.destinations(new.targets)}"
    if existing := _existing_record(new, resource, dependencies):
        return Clause(Verdict.WARN, f"{text}, {existing}")
    return Clause(Verdict.OK, text)


def _existing_record(new: Record, resource: Resource, dependencies: DeviceDependencies) -> str:
    """Describe the existing record in the place of a new one; empty if there is none.

    With `allow_overwrite` the provider sends UPSERT, which replaces an existing record
    (registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record).
    """
    before, name = dependencies.before, new.name
    conflicting = [
        record
        for record in before.at(name)
        if not new.routing
        or record.routing != new.routing
        or (new.side and record.side == new.side)
    ]
    overwrites = resource.values.get("allow_overwrite") is True
    if conflicting:
        target = before.destinations(conflicting[0].targets)
        existing = f"where a record that resolves to {target} already exists"
        return f"{existing}{', and overwrites it' if overwrites else ''}"
    is_known = name in before or before.is_target(name)
    return "and overwrites an existing record" if overwrites and is_known else ""


def _removed(old: Record, dependencies: DeviceDependencies) -> Clause:
    """Return what the removal of a record means for its name."""
    if old.name not in dependencies.after:
        return _last_record_removed(old.name, dependencies)
    record = f"its {old.side} record" if old.side else "a record"
    rest = dependencies.after.destinations([old.name])
    return Clause(Verdict.WARN, f"{old.name} loses {record} and resolves only to {rest}")


def _last_record_removed(name: str, dependencies: DeviceDependencies) -> Clause:
    """Return what the removal of a name's last record means."""
    lead = f"no record of {name} is left"
    if dependencies.names.is_device_name(name):
        return Clause(Verdict.BLOCK, f"{lead}, so devices cannot resolve it")
    if lost := dependencies.lost_through(name):
        return Clause(Verdict.BLOCK, f"{lead}, so devices cannot resolve {lost}")
    if dependencies.after.is_target(name):
        return Clause(Verdict.WARN, f"{lead}, but another record still points to it")
    # A nested name is needed only while an alias points to it.
    verdict = Verdict.OK if dependencies.names.is_nested(name) else Verdict.WARN
    return Clause(verdict, f"{lead}, and no record points to it")


def _renamed(old: Record, new: Record, dependencies: DeviceDependencies) -> Clause:
    """Return what it means that the last record of a name gets another name."""
    new_name = new.name or "another name"
    if dependencies.names.kind(old) == "device":
        return Clause(
            Verdict.BLOCK,
            f"the device name changes from {old.name} to {new_name}, and devices that use the old"
            " name cannot resolve it",
        )
    if lost := dependencies.lost_through(old.name):
        return Clause(
            Verdict.BLOCK, f"{old.name} becomes {new_name}, so devices cannot resolve {lost}"
        )
    return Clause(
        Verdict.WARN, f"{old.name} becomes {new_name}, and queries for the old name get no answer"
    )
