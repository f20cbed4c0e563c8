"""A plan that destroys a resource that cannot be recreated without loss."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.check import CALCULATED
from iot_dr.route53.terraform_records import CHECK
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.expression import single_reference
from iot_dr.terraform_json.hand_over import HandOvers
from iot_dr.terraform_json.resource import Change, Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from modules.stack_names import stack_name

_ID: Final = "stateful-resource-destroyed"
_LOSS: Final = {
    "aws_route53_zone": "every name in the zone is lost, and a new zone has other name servers, so"
    " the delegation breaks",
    "aws_acm_certificate": "an IoT domain configuration cannot change its certificate: it must be"
    " recreated, and takes up to an hour to be served",
    "aws_iot_domain_configuration": "devices cannot connect by its name, and a new one takes up to"
    " an hour to be served",
    "aws_iot_ca_certificate": "devices with certificates of this CA that have not connected here"
    " before are rejected",
    "aws_dynamodb_table": "its data is lost, for a global table also that of every replica",
    "aws_dynamodb_table_replica": "the region loses its copy of the data, which must be replicated"
    " again",
    "aws_s3_bucket": "its objects are lost, and another account may take its name",
    "aws_kinesis_stream": "records that it has not delivered are lost",
    "aws_kms_key": "data encrypted with it can no longer be read",
}
_USED_ELSEWHERE: Final = (
    "and refers to the deleted check until it is applied itself. AWS documents that Route 53 may"
    " then consider the record healthy; the region is no longer checked. First apply that stack"
    " alone with another check, then this one"
)


_LEAVING: Final = " Its region is in `leaving_regions`, so this is intended."


_UNNAMED: Final = " If its region is to leave, add that to `leaving_regions`: this then only warns."


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    leaving, unnamed = _leaving_stacks(expected), _unnamed_stacks(expected)
    for stack in resources.stacks:
        is_leaving = stack.name in leaving
        for resource in stack.resources:
            change = resource.change
            if change is None or not change.is_destroying or resource.mode != "managed":
                continue
            if is_leaving and _is_let_go(resources, leaving[stack.name], resource, change):
                continue
            if loss := _loss(resources, stack, resource, change, expected):
                meant, verdict = (_LEAVING, Verdict.WARN) if is_leaving else ("", Verdict.BLOCK)
                if stack.name in unnamed:
                    meant = _UNNAMED
                yield finding_at(resource, _ID, f"{_message(change, loss)}{meant}", verdict)


def _leaving_stacks(expected: DesignExpectation | None) -> dict[str, str]:
    """Return the stacks of leaving regions, each with the entry point, which is applied first."""
    if expected is None:
        return {}
    entry_point = stack_name(expected.environment, "entry-point")
    leaving = (expected.regional_stacks[each] for each in expected.leaving_regions)
    return dict.fromkeys(chain.from_iterable(leaving), entry_point)


def _unnamed_stacks(expected: DesignExpectation | None) -> frozenset[str]:
    """Return the names that stacks of regions have which the settings name in neither list."""
    if expected is None:
        return frozenset()
    named = {*expected.regions, *expected.leaving_regions}
    stacks = expected.regional_stacks.items()
    return frozenset(chain.from_iterable(each for region, each in stacks if region not in named))


def _is_let_go(
    resources: ResourceSet, entry_point: str, resource: Resource, change: Change
) -> bool:
    """Whether a health check is one that the entry point, as planned, no longer uses."""
    own_id = (change.before or {}).get("id")
    afters = [
        planned.change.after
        for stack in resources.stacks
        if stack.name == entry_point and stack.is_plan
        for planned in stack.resources
        if planned.change
    ]
    still = {text for after in afters for _, text in strings(after)}
    return resource.type == CHECK and bool(afters) and own_id not in still


def _loss(
    resources: ResourceSet,
    stack: StackResources,
    resource: Resource,
    change: Change,
    expected: DesignExpectation | None,
) -> str | None:
    if resource.type != CHECK:
        return _LOSS.get(resource.type)
    user = _user(resources, stack, resource, change)
    return f"{user}, {_USED_ELSEWHERE}: {_steps(expected)}" if user else None


def _steps(expected: DesignExpectation | None) -> str:
    """Return how the entry point is applied alone; `health.mode` is not set a second time."""
    env = f" --env {expected.environment}" if expected else ""
    is_set = expected is not None and expected.recovery.mode == "shallow"
    mode = "`health.mode: shallow` is set" if is_set else "set only `health.mode: shallow`"
    last = "" if is_set else ", then set the other values"
    return (
        f"{mode}; find the entry point's wave N with `iot-dr graph{env} --waves`, apply it with"
        f" `iot-dr plan{env} --wave N --out plans` and `iot-dr apply{env} --wave N --plans plans`,"
        f" then deploy the rest{last}"
    )


def _message(change: Change, loss: str) -> str:
    if "create" not in change.actions:
        return f"the plan destroys it: {loss}."
    forced = ", ".join(change.forced_by) or "an attribute not named in the plan"
    return f"the plan replaces it, forced by {forced}: {loss}."


def _user(
    resources: ResourceSet, stack: StackResources, check: Resource, change: Change
) -> str | None:
    """Return which other stack uses a check, None if none does.

    A stack that reads this one's outputs and is checked with it shows whether it still does.
    """
    own_id, texts = (change.before or {}).get("id"), _prior_texts(resources)
    if readers := _readers(resources, stack):
        using = [reader for reader in readers if own_id in texts[reader]]
        return f"{using[0]} uses it" if using else None
    # An output of this one id is a cross-stack output; a list of all ids is for people.
    single = (value for value in stack.outputs.values() if single_reference(str(value)))
    referred = (resources.referenced(check, value, CHECK) for value in single)
    if any(each is check for each in referred):
        return "an output passes its id to another stack, which uses it"
    # The output may be removed together with the check. A CALCULATED check is in the records'
    # own stack; a standby's check may exist without a record.
    is_calculated = (change.before or {}).get("type") == CALCULATED
    if own_id is None or is_calculated or own_id in texts[stack.name]:
        return None
    return "its own stack does not use it, so another one does"


def _readers(resources: ResourceSet, stack: StackResources) -> list[str]:
    """Return the names of planned stacks that read the outputs of a stack."""
    stacks, hand_overs = resources.stacks, HandOvers(resources.stacks)
    return [
        reader.name
        for reader in stacks
        if reader.is_plan
        for read in reader.reads
        if (number := hand_overs.stack(read)) is not None and stacks[number] is stack
    ]


@lru_cache(maxsize=1)
def _prior_texts(resources: ResourceSet) -> Mapping[str, frozenset[str]]:
    """Return, by stack, every string in the prior values of its resources, except their ids."""
    return {
        stack.name: frozenset(
            text
            for resource in stack.resources
            if resource.change
            for path, text in strings(resource.change.before)
            if path != "id"
        )
        for stack in resources.stacks
    }


RULE: Final = Rule(
    id=_ID,
    title="No stateful resource destroyed or replaced",
    why="Zones, certificates, IoT domain configurations, tables, buckets, streams and keys have"
    " data, a delegation or a served name that a new resource does not have. A health check that"
    " another stack uses must not be destroyed either: that stack still refers to it. In the stack"
    " of a region in `leaving_regions` it is a warning.",
    source="docs/adr/0011-checks-beside-their-records.md, docs/adr/0012-who-checks-what.md,"
    " docs/adr/0017-a-region-that-leaves.md;"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-deleting-tasks.html;"
    " docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html",
    find=_find,
    needs_plan=True,
)
