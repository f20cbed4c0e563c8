"""A finding about one resource."""

from iot_dr.rules.rule import Finding, Verdict
from iot_dr.terraform_json.resource import Resource


def finding_at(
    resource: Resource, rule: str, message: str, verdict: Verdict = Verdict.BLOCK
) -> Finding:
    """Tell what a rule found at a resource."""
    return Finding(
        rule=rule,
        verdict=verdict,
        stack=resource.stack,
        address=resource.address,
        message=message,
    )
