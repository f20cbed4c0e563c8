"""An alias record that Route 53 refuses."""

import re
from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "alias-not-possible"
_CLOUDFRONT: Final = re.compile(r"\.cloudfront\.net$|(?:^|\.)aws_cloudfront_distribution\.")


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names = declared_names(resources)
    for record in names.records:
        if record.is_alias and (message := _message(names, record)):
            yield finding_at(record.resource, _ID, message)


def _message(names: DeclaredNames, record: DeclaredRecord) -> str | None:
    if record.name and record.name == record.target:
        return (
            f"the alias of {record.name} points at its own name: it leads nowhere. Point it to the"
            " name of an endpoint, or of other records in the zone."
        )
    flag = (block(record.resource.values, "alias") or {}).get("evaluate_target_health")
    is_evaluated = str(flag).lower() == "true"
    if is_evaluated and any(_CLOUDFRONT.search(end.name) for end in names.destinations(record)):
        if names.alias_targets(record):
            return None
        return (
            "Route 53 refuses `evaluate_target_health` for an alias to CloudFront: set it to false."
            " CloudFront is global; for a failover add a health check of the origin."
        )
    return None


RULE: Final = Rule(
    id=_ID,
    title="Only aliases that Route 53 accepts",
    why="An alias that points at its own name leads nowhere. The health of a CloudFront"
    " distribution cannot be evaluated, and Route 53 refuses an alias that asks for it.",
    source="docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html,"
    " EvaluateTargetHealth",
    find=_find,
)
