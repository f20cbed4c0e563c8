"""The impact of a change to a zone's DNSSEC signing, its registration or its exclusive records."""

from typing import Final, NamedTuple

from iot_dr.review.impact.device_dependencies import DeviceDependencies
from iot_dr.review.impact.device_impact import FORGOTTEN, Clause, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.zone_records import UNSIGNED
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.json_value import text


class _Kind(NamedTuple):
    """A resource type: its noun, the argument with its zone, and the clause for each action.

    `argument` is the one whose change matters; with the value `off` the resource has as little
    effect as one that is gone.
    """

    noun: str
    zone: str
    argument: str
    changed: Clause
    gone: Clause
    created: Clause | None = None
    off: str = ""


_NAME: Final = "domain_name"
_SIGNING: Final = Clause(Verdict.WARN, "the zone's DNSSEC signing changes")
_EXCLUSIVE: Final = Clause(
    Verdict.WARN, "every record in the zone that it does not list is deleted, whoever created it"
)
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec-disable.html: the DS
# record must be removed from the parent zone before signing is disabled. A registered domain and
# existing records are not changed when Terraform destroys the resources below.
_KINDS: Final = {
    "aws_route53_key_signing_key": _Kind(
        "the key-signing key of the zone",
        "hosted_zone_id",
        "status",
        _SIGNING,
        Clause(Verdict.BLOCK, f"without it {UNSIGNED} while the parent zone has its DS record"),
        off="INACTIVE",
    ),
    "aws_route53_hosted_zone_dnssec": _Kind(
        "the DNSSEC signing of the zone",
        "hosted_zone_id",
        "signing_status",
        _SIGNING,
        Clause(Verdict.BLOCK, f"without it {UNSIGNED} while the parent zone has a DS record"),
        off="NOT_SIGNING",
    ),
    "aws_route53domains_registered_domain": _Kind(
        "the registration of",
        _NAME,
        "name_server",
        Clause(Verdict.BLOCK, "resolvers query other name servers for every name in the domain"),
        FORGOTTEN,
    ),
    "aws_route53_records_exclusive": _Kind(
        "the exclusive record list of the zone",
        "zone_id",
        "resource_record_set",
        _EXCLUSIVE,
        FORGOTTEN,
        created=_EXCLUSIVE,
    ),
}


def zone_impact(
    change: ResourceChange, differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact on resolution or DNSSEC validation of a zone.

    None for other types, and if nothing relevant changes.
    """
    kind = _KINDS.get(change.type)
    clause = _clause(kind, change.action, differences) if kind else None
    if kind is None or clause is None:
        return None
    key = (change.stack, change.address)
    value, resource = text(dependencies.values(key).get(kind.zone)), dependencies.resource(key)
    zone_name = dependencies.zones.zone_name(resource) if resource else ""
    zone = value if kind.zone == _NAME else zone_name
    is_needed = (
        dependencies.had_device_names_in(zone)
        if zone
        else dependencies.had_device_records_in(value)
    )
    return Impact(
        rank=Rank.ZONE,
        verdict=_verdict(clause.verdict, change.action, is_needed=is_needed),
        subject=f"{kind.noun} {zone or value or change.name}",
        why=clause.text,
        arguments=frozenset((kind.zone, kind.argument)),
    )


def _clause(kind: _Kind, action: Action | None, differences: Differences) -> Clause | None:
    if action is Action.CREATE:
        return kind.created
    if action is Action.FORGET:
        return FORGOTTEN
    if action in {Action.DESTROY, Action.REPLACE}:
        return kind.gone
    if action is not Action.UPDATE or kind.argument not in differences.arguments:
        return None
    values = differences.values(kind.argument)
    return kind.gone if kind.off and values and values[1] == kind.off else kind.changed


def _verdict(verdict: Verdict, action: Action | None, *, is_needed: bool) -> Verdict:
    """Return a milder verdict for a zone in which no name is known that devices need."""
    if is_needed:
        return verdict
    if action is Action.CREATE:
        return Verdict.OK
    return Verdict.WARN if verdict is Verdict.BLOCK else verdict
