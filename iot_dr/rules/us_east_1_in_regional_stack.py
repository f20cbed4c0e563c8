"""A stack of one region that cannot be planned without us-east-1."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.rules.rule import Finding, Rule, Verdict
from iot_dr.rules.support.regional_stack import regional_stacks
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.global_region import GLOBAL_REGION

_ID: Final = "us-east-1-in-regional-stack"


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for regional in regional_stacks(resources):
        if regional.region == GLOBAL_REGION:
            continue
        for key, region in regional.stack.providers.items():
            if region == GLOBAL_REGION:
                yield Finding(
                    rule=_ID,
                    verdict=Verdict.BLOCK,
                    stack=regional.stack.name,
                    message=f"the stack of {regional.region} has the provider {key} in us-east-1:"
                    " while us-east-1 is down, Terraform cannot configure it, so the stack cannot"
                    " be planned, not even with -refresh=false. Move its resources to another"
                    " stack, such as the entry point.",
                )


RULE: Final = Rule(
    id=_ID,
    title="No provider in us-east-1 in the stack of another region",
    why="The control planes of Route 53 and IAM are in us-east-1, and a failover needs neither. A"
    " provider there still makes a regional stack depend on that region: its configuration fails"
    " while us-east-1 is down, and the stack cannot be changed. The rule covers stacks of iot-dr"
    " and stacks with a counterpart in another region, not a root module of several regions.",
    source="docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/"
    "global-services.html; tried with Terraform 1.11.4 and provider 5.100.0",
    find=_find,
)
