"""What a change to the records around a zone means: delegation, its signature, certificates."""

from typing import Final

from iot_dr.review.impact.dependence import Dependence, RecordPair
from iot_dr.review.impact.device_impact import FORGOTTEN, Clause, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.route53.record import Record
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action

_HEADS: Final = frozenset(("name", "type", "zone_id", "records", "ttl"))
_NOUNS: Final = {
    "NS": "the delegation of",
    "DS": "the key of the signature of",
    "CAA": "the list of who may issue certificates of",
}
_UNSIGNED: Final = "resolvers that check signatures refuse every name of the zone"
_GONE: Final = {
    "NS": Clause(Verdict.BLOCK, "resolvers find no name of the zone any more"),
    "DS": Clause(Verdict.WARN, "resolvers no longer check that the zone's answers are its own"),
}
_ANEW: Final = {
    "NS": Clause(Verdict.BLOCK, "until the new record stands, resolvers find no name of the zone"),
    "DS": Clause(Verdict.BLOCK, f"unless the zone is signed with the new key, {_UNSIGNED}"),
}
_OTHER: Final = {
    "NS": Clause(Verdict.WARN, "resolvers ask other name servers for every name of the zone"),
    "DS": Clause(Verdict.BLOCK, f"unless the zone is signed with the new key, {_UNSIGNED}"),
}
# docs.aws.amazon.com/acm/latest/userguide/setup-caa.html: any of these lets ACM issue.
_ISSUERS: Final = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")


def zone_record_impact(
    change: ResourceChange, differences: Differences, pair: RecordPair, world: Dependence
) -> Impact | None:
    """Describe a record that is no device's own, and that its zone stands by; None for others."""
    records = [each for each in (pair.before, pair.after) if each]
    if record := next((each for each in records if each.type in _NOUNS), None):
        return _zone_impact(change, differences, record, pair, world)
    return _validation_impact(change, differences) if world.is_certificates_own(pair) else None


def _validation_impact(change: ResourceChange, differences: Differences) -> Impact | None:
    """Describe the record that ACM looks for before it renews a certificate."""
    is_same = change.action is Action.UPDATE and not differences.heads & (_HEADS - {"ttl"})
    if change.action is Action.CREATE or is_same:
        return None
    is_left = change.action is Action.FORGET
    return Impact(
        rank=Rank.RENEWAL,
        verdict=Verdict.WARN,
        subject="the record that validates the certificates",
        why=FORGOTTEN.text
        if is_left
        else "ACM renews the certificates of every region by this record",
        heads=_HEADS,
    )


def _zone_impact(
    change: ResourceChange,
    differences: Differences,
    record: Record,
    pair: RecordPair,
    world: Dependence,
) -> Impact | None:
    type_, zone = record.type, record.name
    clause = _clause(change.action, differences, type_, pair, world)
    if clause is None:
        return None
    # Of a zone without a name that devices are known to need it is for the reader to say.
    is_unsure = clause.verdict is Verdict.BLOCK and not world.names.are_below(zone)
    return Impact(
        rank=Rank.ZONE,
        verdict=Verdict.WARN if is_unsure else clause.verdict,
        subject=f"{_NOUNS[type_]} {zone}",
        why=clause.text,
        heads=_HEADS,
    )


def _clause(
    action: Action | None,
    differences: Differences,
    type_: str,
    pair: RecordPair,
    world: Dependence,
) -> Clause | None:
    if action is Action.FORGET:
        return FORGOTTEN
    was = pair.before is not None and pair.before.type == type_
    if pair.after is None or pair.after.type != type_:
        return _GONE.get(type_) if was else None
    if not was:
        return _created(pair.after, world)
    if type_ == "CAA":
        return _issuers(pair.after) if "records" in differences.heads else None
    return _ANEW[type_] if action is Action.REPLACE else _updated(differences, type_)


def _created(new: Record, world: Dependence) -> Clause | None:
    is_needed = world.are_answered_below(new.name)
    if new.type == "CAA":
        clause = _issuers(new)
        return clause if is_needed or clause is None else Clause(Verdict.OK, clause.text)
    if new.type == "DS":
        verdict = Verdict.WARN if is_needed else Verdict.OK
        return Clause(verdict, f"unless the zone is signed with this key, {_UNSIGNED}")
    is_own = bool(new.targets) and set(new.targets) <= world.zones.servers(new.name)
    if is_needed and not is_own:
        return Clause(
            Verdict.BLOCK,
            f"resolvers ask its name servers for {new.name} and all below from now on, and others"
            " answered until now",
        )
    return Clause(Verdict.OK, "resolvers find the zone by it from now on")


def _updated(differences: Differences, type_: str) -> Clause | None:
    if "records" in differences.heads:
        return _OTHER[type_]
    if type_ == "NS" and (numbers := differences.numbers("ttl")):
        before, after = numbers
        return Clause(
            Verdict.OK, f"resolvers keep the name servers up to {after} s instead of {before} s"
        )
    return None


def _issuers(new: Record) -> Clause | None:
    """Describe a list that lets others issue, and not ACM; None for one that does."""
    for tag in ("issue", "issuewild"):
        named = [each for each in new.targets if f" {tag} " in each]
        if named and not any(f'"{issuer}' in each for each in named for issuer in _ISSUERS):
            return Clause(Verdict.WARN, "it does not name ACM, which can issue and renew none then")
    return None
