"""What a change to the records around a zone means: its delegation, certificates' validation."""

from typing import Final

from iot_dr.review.dependence import Dependence
from iot_dr.review.differences import Differences
from iot_dr.review.resource_change import ResourceChange
from iot_dr.review.told import FORGOTTEN, Clause, Rank, Told
from iot_dr.rules.rule import Verdict
from iot_dr.terraform.change import Action

_HEADS: Final = frozenset(("name", "type", "zone_id", "records", "ttl"))
_DELEGATION: Final = {
    Action.CREATE: Clause(Verdict.OK, "resolvers find the zone by it from now on"),
    Action.DESTROY: Clause(Verdict.BLOCK, "resolvers find no name of the zone any more"),
    Action.REPLACE: Clause(
        Verdict.BLOCK, "until the new record stands, resolvers find no name of the zone"
    ),
    Action.FORGET: FORGOTTEN,
}


def told_of_delegation(
    change: ResourceChange, differences: Differences, zone: str, world: Dependence
) -> Told | None:
    """Tell of name servers: resolvers find every name of a zone by them."""
    clause = _DELEGATION.get(change.action) if change.action else None
    if change.action is Action.UPDATE:
        clause = _updated(differences)
    if clause is None:
        return None
    # Of a zone without a name that devices are known to need it is for the reader to say.
    is_unsure = clause.verdict is Verdict.BLOCK and not world.names.are_below(zone)
    return Told(
        rank=Rank.ZONE,
        verdict=Verdict.WARN if is_unsure else clause.verdict,
        subject=f"the delegation of {zone}",
        why=clause.text,
        heads=_HEADS,
    )


def told_of_validation(change: ResourceChange, differences: Differences) -> Told | None:
    """Tell of the record that ACM looks for before it renews a certificate."""
    is_same = change.action is Action.UPDATE and not differences.heads & (_HEADS - {"ttl"})
    if change.action is Action.CREATE or is_same:
        return None
    is_left = change.action is Action.FORGET
    return Told(
        rank=Rank.RENEWAL,
        verdict=Verdict.WARN,
        subject="the record that validates the certificates",
        why=FORGOTTEN.text
        if is_left
        else "ACM renews the certificates of every region by this record",
        heads=_HEADS,
    )


def _updated(differences: Differences) -> Clause | None:
    if "records" in differences.heads:
        return Clause(Verdict.WARN, "resolvers ask other name servers for every name of the zone")
    if numbers := differences.numbers("ttl"):
        before, after = numbers
        return Clause(
            Verdict.OK, f"resolvers keep the name servers up to {after} s instead of {before} s"
        )
    return None
