"""What a change means to whether resolvers find a zone and believe it: DNSSEC and the registrar."""

from typing import Final, NamedTuple

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.device_impact import FORGOTTEN, Clause, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.json_value import text


class _Kind(NamedTuple):
    """A type of resource: what it is called, which argument names its zone, and what follows.

    `off` is the value of the argument that matters with which it counts as one that goes.
    """

    noun: str
    zone: str
    argument: str
    changed: Clause
    gone: Clause
    created: Clause | None = None
    off: str = ""


_NAME: Final = "domain_name"
_REFUSED: Final = "resolvers that check signatures refuse every name of the zone"
_OTHERS: Final = Clause(
    Verdict.WARN, "every record of the zone that it does not name is deleted, whoever made it"
)
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec-disable.html: the parent
# must have no DS record any more before a zone's signing ends. A registered domain stays what it is
# when Terraform lets go of it, and so do records.
_KINDS: Final = {
    "aws_route53_key_signing_key": _Kind(
        "the key that signs the zone",
        "hosted_zone_id",
        "status",
        Clause(Verdict.WARN, "the zone is signed by other terms"),
        Clause(Verdict.BLOCK, f"without it {_REFUSED} while the parent has its DS record"),
        off="INACTIVE",
    ),
    "aws_route53_hosted_zone_dnssec": _Kind(
        "the signing of the zone",
        "hosted_zone_id",
        "signing_status",
        Clause(Verdict.WARN, "the zone is signed by other terms"),
        Clause(Verdict.BLOCK, f"without it {_REFUSED} while the parent has a DS record of it"),
        off="NOT_SIGNING",
    ),
    "aws_route53domains_registered_domain": _Kind(
        "the registration of",
        _NAME,
        "name_server",
        Clause(Verdict.BLOCK, "resolvers ask other name servers for every name of the domain"),
        FORGOTTEN,
    ),
    "aws_route53_records_exclusive": _Kind(
        "the list of all records of the zone",
        "zone_id",
        "resource_record_set",
        _OTHERS,
        FORGOTTEN,
        created=_OTHERS,
    ),
}


def zone_impact(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Impact | None:
    """Describe what makes resolvers find a zone, or believe its answers; None for anything else."""
    kind = _KINDS.get(change.type)
    clause = _clause(kind, change.action, differences) if kind else None
    if kind is None or clause is None:
        return None
    key = (change.stack, change.address)
    named, found = text(world.values(key).get(kind.zone)), world.resource(key)
    zone = named if kind.zone == _NAME else world.zones.name_of(found) if found else ""
    is_needed = world.are_answered_below(zone) if zone else world.are_answered_in(named)
    return Impact(
        rank=Rank.ZONE,
        verdict=_verdict(clause.verdict, change.action, is_needed=is_needed),
        subject=f"{kind.noun} {zone or named or change.name}",
        why=clause.text,
        heads=frozenset((kind.zone, kind.argument)),
    )


def _clause(kind: _Kind, action: Action | None, differences: Differences) -> Clause | None:
    if action is Action.CREATE:
        return kind.created
    if action is Action.FORGET:
        return FORGOTTEN
    if action in {Action.DESTROY, Action.REPLACE}:
        return kind.gone
    if action is not Action.UPDATE or kind.argument not in differences.heads:
        return None
    values = differences.values(kind.argument)
    return kind.gone if kind.off and values and values[1] == kind.off else kind.changed


def _verdict(verdict: Verdict, action: Action | None, *, is_needed: bool) -> Verdict:
    """Weigh it by what is known: of a zone without a name that devices need the reader says."""
    if is_needed:
        return verdict
    if action is Action.CREATE:
        return Verdict.OK
    return Verdict.WARN if verdict is Verdict.BLOCK else verdict
