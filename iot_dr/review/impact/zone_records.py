"""The impact of a change to a zone's NS, DS or CAA records, or to ACM's validation records."""

from typing import Final

from iot_dr.review.impact.device_dependencies import DeviceDependencies, RecordPair
from iot_dr.review.impact.device_impact import FORGOTTEN, Clause, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.route53.caa import allows_acm
from iot_dr.route53.record import Record
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action

_ARGUMENTS: Final = frozenset(("name", "type", "zone_id", "records", "ttl"))
_NOUNS: Final = {
    "NS": "the delegation of",
    "DS": "the DS record of",
    "CAA": "the CAA record of",
}
# RFC 4035, section 5.5: a validating resolver answers SERVFAIL if the DS record matches no key.
UNSIGNED: Final = "validating resolvers answer SERVFAIL for every name in the zone"
_GONE: Final = {
    "NS": Clause(Verdict.BLOCK, "resolvers can no longer resolve any name in the zone"),
    "DS": Clause(Verdict.WARN, "resolvers no longer validate the zone's DNSSEC signatures"),
}
_REPLACED: Final = {
    "NS": Clause(
        Verdict.BLOCK,
        "until the new record is created, resolvers cannot resolve any name in the zone",
    ),
    "DS": Clause(Verdict.BLOCK, f"unless the zone is signed with the new key, {UNSIGNED}"),
}
_UPDATED: Final = {
    "NS": Clause(Verdict.WARN, "resolvers query other name servers for every name in the zone"),
    "DS": Clause(Verdict.BLOCK, f"unless the zone is signed with the new key, {UNSIGNED}"),
}


def zone_record_impact(
    change: ResourceChange,
    differences: Differences,
    pair: RecordPair,
    dependencies: DeviceDependencies,
) -> Impact | None:
    """Return the impact of an NS, DS, CAA or ACM validation record.

    None for other records, and if nothing relevant changes.
    """
    records = [record for record in (pair.before, pair.after) if record]
    if record := next((each for each in records if each.type in _NOUNS), None):
        return _zone_impact(change, differences, record, pair, dependencies)
    is_validation = dependencies.is_validation_record(pair)
    return _validation_impact(change, differences) if is_validation else None


def _validation_impact(change: ResourceChange, differences: Differences) -> Impact | None:
    """Return the impact of the CNAME that ACM checks before it renews a certificate.

    None for a new record, and if nothing but the TTL changes.
    docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html
    """
    is_same = change.action is Action.UPDATE and not differences.arguments & (_ARGUMENTS - {"ttl"})
    if change.action is Action.CREATE or is_same:
        return None
    is_forgotten = change.action is Action.FORGET
    return Impact(
        rank=Rank.RENEWAL,
        verdict=Verdict.WARN,
        subject="the DNS validation record of the certificates",
        why=FORGOTTEN.text
        if is_forgotten
        else "ACM needs this record to renew the certificates of every region",
        arguments=_ARGUMENTS,
    )


def _zone_impact(
    change: ResourceChange,
    differences: Differences,
    record: Record,
    pair: RecordPair,
    dependencies: DeviceDependencies,
) -> Impact | None:
    type_, zone = record.type, record.name
    clause = _clause(change.action, differences, type_, pair, dependencies)
    if clause is None:
        return None
    # Only the reader can say whether devices need a zone without a known device name.
    is_unsure = clause.verdict is Verdict.BLOCK and not dependencies.names.is_zone_needed(zone)
    return Impact(
        rank=Rank.ZONE,
        verdict=Verdict.WARN if is_unsure else clause.verdict,
        subject=f"{_NOUNS[type_]} {zone}",
        why=clause.text,
        arguments=_ARGUMENTS,
    )


def _clause(
    action: Action | None,
    differences: Differences,
    type_: str,
    pair: RecordPair,
    dependencies: DeviceDependencies,
) -> Clause | None:
    if action is Action.FORGET:
        return FORGOTTEN
    existed = pair.before is not None and pair.before.type == type_
    if pair.after is None or pair.after.type != type_:
        return _GONE.get(type_) if existed else None
    if not existed:
        return _created(pair.after, dependencies)
    if type_ == "CAA":
        return _issuers(pair.after) if "records" in differences.arguments else None
    return _REPLACED[type_] if action is Action.REPLACE else _updated(differences, type_)


def _created(new: Record, dependencies: DeviceDependencies) -> Clause | None:
    is_needed = dependencies.had_device_names_in(new.name)
    if new.type == "CAA":
        clause = _issuers(new)
        return clause if is_needed or clause is None else Clause(Verdict.OK, clause.text)
    if new.type == "DS":
        verdict = Verdict.WARN if is_needed else Verdict.OK
        return Clause(verdict, f"unless the zone is signed with this key, {UNSIGNED}")
    is_own = bool(new.targets) and set(new.targets) <= dependencies.zones.servers(new.name)
    if is_needed and not is_own:
        return Clause(
            Verdict.BLOCK,
            f"resolvers will query its name servers for {new.name} and all names below it, which"
            " other name servers answered until now",
        )
    return Clause(Verdict.OK, "resolvers will find the zone through it")


def _updated(differences: Differences, type_: str) -> Clause | None:
    if "records" in differences.arguments:
        return _UPDATED[type_]
    if type_ == "NS" and (numbers := differences.numbers("ttl")):
        before, after = numbers
        return Clause(
            Verdict.OK,
            f"resolvers cache the name servers for up to {after} s instead of {before} s",
        )
    return None


def _issuers(new: Record) -> Clause | None:
    """Return a warning if a CAA record allows other issuers but not ACM; None otherwise."""
    if allows_acm(new.targets):
        return None
    return Clause(
        Verdict.WARN, "it does not allow ACM, which cannot issue or renew certificates then"
    )
