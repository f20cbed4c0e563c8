"""What a change to a DNS record means to devices."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from iot_dr.review.impact.check_sight import called
from iot_dr.review.impact.dependence import Dependence, RecordPair
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.leading_clauses import leading_clause
from iot_dr.review.impact.record_places import added, removed, renamed
from iot_dr.review.impact.told import FORGOTTEN, Clause, Rank, Told
from iot_dr.review.impact.zone_records import told_of_zone_record
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.route53.names import is_of_addresses
from iot_dr.route53.record import Record
from iot_dr.rules.rule import Verdict, heaviest
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


def told_of_record(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Told | None:
    """Tell of a record that devices need; None for any other."""
    pair = world.record((change.stack, change.address))
    if pair is None:
        return None
    sights = (each for each in (pair.before, pair.after) if each and world.names.kind(each))
    sight = next(sights, None)
    kind = world.names.kind(sight) if sight else None
    if sight is None or kind is None:
        return told_of_zone_record(change, differences, pair, world)
    clauses = list(_clauses(_Case(change, differences, pair.resource, world), pair))
    if not clauses:
        return None
    return Told(
        rank=_RANKS[kind],
        verdict=heaviest(each.verdict for each in clauses),
        subject=world.names.subject(sight),
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
        yield added(new, case.record, case.world)
    elif old is not None and new is None:
        yield removed(old, case.world)
    elif old is not None and new is not None:
        yield from _elsewhere(case, old, new)
        yield from _details(case, old, new)


def _elsewhere(case: _Case, old: Record, new: Record) -> Iterator[Clause]:
    """Tell of another name, or of the time between the old record and the new one."""
    if old.name != new.name and old.name not in case.world.after:
        yield renamed(old, new, case.world)
    elif old.name != new.name:
        yield Clause(Verdict.WARN, f"it is a record of {new.name or 'another name'} from now on")
    elif case.change.action is Action.REPLACE:
        yield Clause(Verdict.WARN, _meanwhile(case, old.name))


def _details(case: _Case, old: Record, new: Record) -> Iterator[Clause]:
    """Tell of each argument; of one that may not be told, or has no words here, its name alone."""
    differences, told = case.differences, {"name", "zone_id"}
    numbers = differences.numbers("ttl")
    if clause := leading_clause(old, new, case.world):
        # What the other place asks, and how long an alias lasts, goes with it.
        told |= {"records", "alias", "health_check_id"} | (set() if numbers else {"ttl"})
        yield clause
    elif old.check != new.check and "health_check_id" not in differences.hidden:
        told.add("health_check_id")
        yield Clause(Verdict.WARN, _asking(old, new, case.world))
    if numbers:
        told.add("ttl")
        yield _lasting(*numbers, is_regional=case.world.names.kind(new) == "regional")
    rest = sorted(differences.heads & _HEADS - told)
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
