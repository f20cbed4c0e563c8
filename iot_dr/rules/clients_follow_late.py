"""Clients that a failover reaches late or never: a long TTL, an address of the other family."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.check import ENDPOINT_TYPES
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_checks import declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "clients-follow-late"
_ADVISED_TTL: Final = 60
"""Seconds that AWS advises at most for a record with a health check."""
_OTHER: Final = {"A": "AAAA", "AAAA": "A"}


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    for group in failover_groups(resources):
        # `recovery-over-target` judges the TTLs of an environment.
        if not expected or group.name != expected.device_name:
            yield from _late(resources, group)
        yield from _never(resources, group)


def _late(resources: ResourceSet, group: FailoverGroup) -> Iterator[Finding]:
    """Yield the record with the longest TTL, if that is longer than detection takes."""
    asked = [record.check for record in group.records if record.check]
    ids = declared_evaluation(resources).check_ids(*asked) if asked else ()
    checks = [declared_checks(resources).get(id_) for id_ in ids]
    seconds = max(
        (
            check.interval * check.threshold
            for check in checks
            if check and check.type in ENDPOINT_TYPES and not check.unknown
        ),
        default=0,
    )
    slowest = max(group.records, key=lambda record: record.ttl or 0)
    ttl = slowest.ttl or 0
    if seconds and ttl > max(seconds, _ADVISED_TTL):
        message = (
            f"{shown(slowest)} has a TTL of {ttl} s: clients keep the lost answer for longer than"
            f" the {seconds} s in which its checks fail. Set a ttl of {_ADVISED_TTL} s or less."
        )
        yield finding_at(slowest.resource, _ID, message, Verdict.WARN)


def _never(resources: ResourceSet, group: FailoverGroup) -> Iterator[Finding]:
    """Yield the records of the other address family that do not fail over."""
    names, other = declared_names(resources), _OTHER.get(group.type)
    for record in names.at(group.name, is_private=group.records[0].is_private):
        is_past = record.type == other and not record.routing
        if is_past and not any(below.is_failover for below in names.alias_targets(record)):
            message = (
                f"{shown(record)} has a {other} record without a routing policy next to failover"
                f" records of type {group.type}: clients that prefer it stay where it leads. Give"
                " it the same failover records, or remove it."
            )
            yield finding_at(record.resource, _ID, message, Verdict.WARN)


RULE: Final = Rule(
    id=_ID,
    title="Clients that follow a failover soon",
    why="A resolver keeps an answer for its TTL: with one that is longer than health checks need"
    " to fail, most of the outage is the wait for resolvers. Clients with IPv6 ask for AAAA records"
    " first, so one without a routing policy next to failover records of type A, or the other way"
    " round, leads them past the failover.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-values-failover.html (TTL) and dns-failover-types.html; RFC 6724",
    find=_find,
)
