"""A record or signing key that AWS refuses, in Route 53 or as a name of CloudFront."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.refused_records import refusals
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "record-not-accepted"


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for refusal in refusals(resources):
        verdict = Verdict.BLOCK if refusal.is_certain else Verdict.WARN
        yield finding_at(refusal.resource, _ID, refusal.message, verdict)


RULE: Final = Rule(
    id=_ID,
    title="Only records and signing keys that AWS accepts",
    why="An alias that points at its own name leads nowhere. Route 53 refuses an alias to an"
    " instance or to an API's own host, the health of a CloudFront distribution, a simple record"
    " next to records with a routing policy, two records of a name and type with one set"
    " identifier, any record next to a CNAME of its name, an ARN as the id of a zone, and keys for"
    " DNSSEC outside us-east-1 or not for signing: the zone is not applied. CloudFront"
    " accepts an alternate domain name on one distribution only, so two of them are not a failover"
    " pair (a warning if only the names of module outputs say that they are distributions).",
    source="docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html,"
    " API_ChangeResourceRecordSets.html (Id) and API_ResourceRecordSet.html (SetIdentifier);"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-values-failover.html, ResourceRecordTypes.html (CNAME) and"
    " dns-configuring-dnssec-cmk-requirements.html;"
    " docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
    find=_find,
)
