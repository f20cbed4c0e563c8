"""Two resources with a name that AWS accepts once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from iot_dr.design.expectation import DesignExpectation
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.conditional import conditional
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "name-declared-twice"
_REFUSED: Final = "AWS refuses the second of them"
_OVERWRITTEN: Final = "each apply overwrites the other one, without an error"


class _Named(NamedTuple):
    """The argument with the name, and what AWS does with a second resource of that name."""

    argument: str
    consequence: str


_NAMED: Final[Mapping[str, _Named]] = {
    "aws_cloudwatch_event_rule": _Named("name", _OVERWRITTEN),
    "aws_cloudwatch_metric_alarm": _Named("alarm_name", _OVERWRITTEN),
    "aws_iam_role": _Named("name", _REFUSED),
    "aws_iot_domain_configuration": _Named("name", _REFUSED),
    "aws_iot_policy": _Named("name", _REFUSED),
    "aws_lambda_function": _Named("function_name", _REFUSED),
}
# Names of rules are unique within an event bus.
_WITHIN: Final = "event_bus_name"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    uncertain = conditional(resources)
    for type_, (argument, consequence) in _NAMED.items():
        named = defaultdict[tuple[str | None, ...], list[Resource]](list)
        for resource in resources.of_type(type_):
            name = resolved_text(resources, resource, resource.values.get(argument))
            if name and resource.mode == "managed" and resource.id not in uncertain:
                bus = resolved_text(resources, resource, resource.values.get(_WITHIN))
                named[name, bus, *_place(resource, expected)].append(resource)
        for (name, *_), (first, *others) in named.items():
            for other in others:
                yield finding_at(
                    other,
                    _ID,
                    f"its name {name} is also that of {first.address} of {first.stack}:"
                    f" {consequence}. Rename one, or keep one of the two.",
                    Verdict.BLOCK if is_our_stack(other.stack, expected) else Verdict.WARN,
                )


def _place(resource: Resource, expected: DesignExpectation | None) -> tuple[str | None, ...]:
    """Return where the name is unique: an account and a region.

    All stacks of one of our environments are in one account. Of others only those of one provider
    configuration are known to be.
    """
    region = None if is_global(resource.type) else resource.region
    if is_our_stack(resource.stack, expected):
        return (region,)
    return region, resource.stack, resource.provider


_API: Final = "docs.aws.amazon.com"
RULE: Final = Rule(
    id=_ID,
    title="One resource of a name",
    why="CloudWatch and EventBridge overwrite an alarm or a rule of the same name, so a switch or a"
    " schedule has the arguments of whatever was applied last. IAM, Lambda and AWS IoT refuse the"
    " second resource, and its stack cannot be applied. It blocks for stacks of iot-dr, which are"
    " in one account, and warns for two resources of one provider in a stack of others.",
    source=f"{_API}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html;"
    f" {_API}/eventbridge/latest/APIReference/API_PutRule.html;"
    f" {_API}/iot/latest/apireference/API_CreatePolicy.html and"
    f" API_CreateDomainConfiguration.html; {_API}/lambda/latest/api/API_CreateFunction.html;"
    f" {_API}/IAM/latest/APIReference/API_CreateRole.html",
    find=_find,
)
