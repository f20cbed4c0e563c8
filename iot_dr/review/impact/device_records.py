"""What a change to a DNS record means to devices."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from iot_dr.review.impact.dependence import Dependence, RecordPair
from iot_dr.review.impact.device_impact import FORGOTTEN, Clause, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import called
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
_HEADS: Final = frozenset(
    (
        *("name", "type", "zone_id", "set_identifier", "records", "alias", "ttl"),
        *("health_check_id", "failover_routing_policy", "weighted_routing_policy"),
        *("latency_routing_policy", "geolocation_routing_policy", "cidr_routing_policy"),
        *("geoproximity_routing_policy", "multivalue_answer_routing_policy"),
    )
)
# Of what is new, what leads somewhere: the rest follows from where it stands.
_NEW: Final = frozenset(("name", "records", "alias", "ttl", "health_check_id"))


class _Case(NamedTuple):
    """A change to a record, and what is known around it."""

    change: ResourceChange
    differences: Differences
    record: Resource
    world: Dependence


def record_impact(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Impact | None:
    """Describe a record that devices need; None for any other."""
    pair = world.record((change.stack, change.address))
    if pair is None:
        return None
    records = (each for each in (pair.before, pair.after) if each and world.names.kind(each))
    record = next(records, None)
    kind = world.names.kind(record) if record else None
    if record is None or kind is None:
        return zone_record_impact(change, differences, pair, world)
    clauses = list(_clauses(_Case(change, differences, pair.resource, world), pair))
    if not clauses:
        return None
    return Impact(
        rank=_RANKS[kind],
        verdict=worst(each.verdict for each in clauses),
        subject=world.names.subject(record),
        why="; ".join(each.text for each in clauses),
        heads=_NEW if change.action is Action.CREATE else _HEADS,
    )


def _clauses(case: _Case, pair: RecordPair) -> Iterator[Clause]:
    old, new = (
        each if each and is_of_addresses(each.type) else None for each in (pair.before, pair.after)
    )
    if case.change.action is Action.FORGET:
        yield FORGOTTEN
    elif old is None and new is not None:
        yield _added(new, case.record, case.world)
    elif old is not None and new is None:
        yield _removed(old, case.world)
    elif old is not None and new is not None:
        yield from _elsewhere(case, old, new)
        yield from _details(case, old, new)


def _elsewhere(case: _Case, old: Record, new: Record) -> Iterator[Clause]:
    """Describe another name, or the time between the old record and the new one."""
    if old.name != new.name and old.name not in case.world.after:
        yield _renamed(old, new, case.world)
    elif old.name != new.name:
        yield Clause(Verdict.WARN, f"it is a record of {new.name or 'another name'} from now on")
    elif case.change.action is Action.REPLACE:
        yield Clause(Verdict.WARN, _meanwhile(case, old.name))


def _details(case: _Case, old: Record, new: Record) -> Iterator[Clause]:
    """Describe each argument; one that must not be shown, or has no words here, by its name."""
    differences, named = case.differences, {"name", "zone_id"}
    numbers = differences.numbers("ttl")
    if clause := _leading(old, new, case.world):
        # What the other place asks, and how long an alias lasts, goes with it.
        named |= {"records", "alias", "health_check_id"} | (set() if numbers else {"ttl"})
        yield clause
    elif old.check != new.check and "health_check_id" not in differences.hidden:
        named.add("health_check_id")
        yield Clause(Verdict.WARN, _asking(old, new, case.world))
    if numbers:
        named.add("ttl")
        yield _lasting(*numbers, is_regional=case.world.names.kind(new) == "regional")
    rest = sorted(differences.heads & _HEADS - named)
    if case.change.action is Action.UPDATE and rest:
        yield Clause(Verdict.WARN, f"its {', '.join(rest)} is another")


def _meanwhile(case: _Case, name: str) -> str:
    """Say what answers between the end of the old record and the new one."""
    actions = case.record.change.actions if case.record.change else ()
    if actions[:1] == ("create",):
        return "the new record stands before the old one goes"
    has_others = len(case.world.before.at(name)) > 1
    answer = "by its other records alone" if has_others else "by nothing"
    return f"between the old record and the new one {name} is answered {answer}"


def _asking(old: Record, new: Record, world: Dependence) -> str:
    before, asked = world.checks.find(old.check), world.checks.find(new.check)
    if asked is not None and asked is before:
        return f"{called(asked)} is made anew, and it asks the new one"
    return f"it asks {world.checks.words(new.check)} instead of {world.checks.words(old.check)}"


def _lasting(before: int, after: int, *, is_regional: bool) -> Clause:
    lead = f"resolvers keep the old answer up to {after} s instead of {before} s"
    if is_regional:
        return Clause(
            Verdict.OK, f"{lead}, for which no failover waits: the name stays with its region"
        )
    if after > before:
        late = f"after a failover devices may come back {after - before} s later"
        return Clause(Verdict.WARN, f"{lead}, and {late}")
    soon = f"after a failover devices may come back {before - after} s sooner"
    return Clause(Verdict.OK, f"{lead}, and {soon}")


def _leading(old: Record, new: Record, world: Dependence) -> Clause | None:
    """Say where devices go instead; None where it is to the same places."""
    if old.targets == new.targets:
        return None
    before, after = world.before.words(old.targets), world.after.words(new.targets)
    if before == after:
        if old.name != new.name:
            # The places are the same; what they are called goes with the name.
            return None
        before, after = " and ".join(old.targets), " and ".join(new.targets)
    instead = f"{after}{',' if 'fails too' in after else ''} instead of {before}"
    return Clause(Verdict.WARN, _led(old, new, instead, world))


def _led(old: Record, new: Record, instead: str, world: Dependence) -> str:
    kind = world.names.kind(new)
    if kind == "regional":
        return f"it leads to {instead}"
    if new.side == "SECONDARY":
        primary = "the nested PRIMARY fails too" if kind == "nested" else "the PRIMARY fails"
        return f"when {primary}, devices go to {instead}"
    if kind == "nested":
        return f"when the regions before it fail, devices go to {instead}"
    text = f"new connections go to {instead}, and who is connected stays until that one ends"
    if _is_swapped(old, new, world):
        text += (
            "; while one record is changed and the other is not, both may lead to one region, and"
            " nothing fails over"
        )
    return text


def _is_swapped(old: Record, new: Record, world: Dependence) -> bool:
    """Whether another record of the name has led there, and leads to the old place now."""
    led = (each.targets for each in world.before.at(old.name))
    leads = (each.targets for each in world.after.at(new.name))
    return new.targets in led and old.targets in leads


def _added(new: Record, record: Resource, world: Dependence) -> Clause:
    """Describe a record that is new, and whose place it takes."""
    where = world.after.words(new.targets)
    what = f"{new.name} gets a {new.side} that leads" if new.side else f"{new.name} leads"
    if taken := _taken(new, record, world):
        return Clause(Verdict.WARN, f"{what} to {where}, {taken}")
    return Clause(Verdict.OK, f"{what} to {where}")


def _taken(new: Record, record: Resource, world: Dependence) -> str:
    """Say whose place a new record takes; empty where it has one of its own."""
    before, name = world.before, new.name
    others = [
        each
        for each in before.at(name)
        if not new.routing or each.routing != new.routing or (new.side and each.side == new.side)
    ]
    overwrites = record.values.get("allow_overwrite") is True
    if others:
        stands = f"where a record stands that leads to {before.words(others[0].targets)}"
        return f"{stands}{', and overwrites it' if overwrites else ''}"
    is_known = name in before or before.is_led_to(name)
    return "and overwrites what stands there" if overwrites and is_known else ""


def _removed(old: Record, world: Dependence) -> Clause:
    """Describe a record that goes, and what is left of its name."""
    if old.name not in world.after:
        return _gone(old.name, world)
    rest, what = world.after.words([old.name]), old.side or "such"
    return Clause(
        Verdict.WARN, f"{old.name} has no {what} record any more and leads to {rest} alone"
    )


def _gone(name: str, world: Dependence) -> Clause:
    """Describe the last record of a name; of a nested name none needs it that none leads to."""
    lead = f"no record of {name} is left"
    if world.names.is_device_name(name):
        return Clause(Verdict.BLOCK, f"{lead}, so devices find nothing there")
    if lost := world.lost_through(name):
        return Clause(Verdict.BLOCK, f"{lead}, so {lost} leads nowhere and devices find nothing")
    if world.after.is_led_to(name):
        return Clause(Verdict.WARN, f"{lead}, though a record still leads there")
    verdict = Verdict.OK if world.names.is_nested(name) else Verdict.WARN
    return Clause(verdict, f"{lead}, and no record leads there")


def _renamed(old: Record, new: Record, world: Dependence) -> Clause:
    """Describe the last record of a name that gets another one."""
    other = new.name or "another"
    if world.names.kind(old) == "device":
        return Clause(
            Verdict.BLOCK,
            f"the device name changes from {old.name} to {other}, and devices that know the old one"
            " find nothing there",
        )
    if lost := world.lost_through(old.name):
        return Clause(
            Verdict.BLOCK,
            f"{old.name} becomes {other}, so {lost} leads nowhere and devices find nothing",
        )
    return Clause(
        Verdict.WARN,
        f"{old.name} becomes {other}, and what still asks for the old name finds nothing there",
    )
