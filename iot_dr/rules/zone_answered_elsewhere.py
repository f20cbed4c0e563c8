"""Records of a zone that resolvers do not ask, for an NS record or a zone below it."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.unanswered_records import unanswered_records
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "zone-answered-elsewhere"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    for unanswered in unanswered_records(resources):
        is_ours = expected is not None and unanswered.zone == expected.zone_name
        verdict = Verdict.BLOCK if is_ours else Verdict.WARN
        yield finding_at(unanswered.record.resource, _ID, unanswered.message, verdict)


RULE: Final = Rule(
    id=_ID,
    title="A zone that its own name servers answer",
    why="Route 53 creates the NS record of a zone's own name. If another one overwrites it,"
    " resolvers follow it as soon as they have seen it once: the answer of the zone is more"
    " trustworthy than the referral of the parent (RFC 2181, 5.4.1), and health checks and failover"
    " records decide nothing; nor do records of the parent zone for names below. It blocks"
    " for an environment's zone, and warns for others.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html and"
    " dns-routing-traffic-for-subdomains.html",
    find=_find,
)
