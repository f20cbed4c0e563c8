"""A plan that destroys what cannot simply be made again."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_records import CHECK
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.expression import single_reference
from iot_dr.terraform_json.hand_over import HandOvers
from iot_dr.terraform_json.resource import Change, Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from stacks.platform_graph import regional_stacks, stack_name

_ID: Final = "stateful-resource-destroyed"
_LOSS: Final = {
    "aws_route53_zone": "every name in the zone is gone, and a new zone has other name servers, so"
    " the delegation breaks",
    "aws_acm_certificate": "what serves it cannot take another one: a domain configuration of IoT"
    " has to be made anew, which takes up to an hour until it is served",
    "aws_iot_domain_configuration": "devices cannot connect by its name, and a new one takes up to"
    " an hour until it is served",
    "aws_iot_ca_certificate": "devices with certificates of this CA that have not connected here"
    " before are refused",
    "aws_dynamodb_table": "its data is gone, and with a global table's owner every replica's",
    "aws_dynamodb_table_replica": "the region loses its copy of the data, and has to be filled"
    " anew",
    "aws_s3_bucket": "its objects are gone, and its name may be taken by somebody else",
    "aws_kinesis_stream": "what it has not delivered yet is gone",
    "aws_kms_key": "what it encrypted can no longer be read",
}
_ASKED_ELSEWHERE: Final = (
    "and goes on asking the deleted check until it is applied itself. By AWS's pages Route 53 then"
    " takes it for healthy, or for anything; either way nothing judges the region. First deploy"
    " that stack so that it asks another check (here: set `health.mode: shallow` and deploy the"
    " entry point alone), then this one, then go back"
)


_LEAVING: Final = " Its region is leaving (`leaving_regions` in the settings), so it is meant."


def _find(resources: ResourceSet, settings: Settings | None) -> Iterator[Finding]:
    leaving = _leaving_stacks(settings)
    for stack in resources.stacks:
        is_leaving = stack.name in leaving
        for resource in stack.resources:
            change = resource.change
            if change is None or not change.is_destroying or resource.mode != "managed":
                continue
            if is_leaving and _is_let_go(resources, leaving[stack.name], resource, change):
                continue
            if loss := _loss(resources, stack, resource, change):
                meant, verdict = (_LEAVING, Verdict.WARN) if is_leaving else ("", Verdict.BLOCK)
                yield finding_at(resource, _ID, f"{_message(change, loss)}{meant}", verdict)


def _leaving_stacks(settings: Settings | None) -> dict[str, str]:
    """Name the stacks of regions that leave, each with the entry point, which is applied first."""
    if settings is None:
        return {}
    entry_point = stack_name(settings.environment, "entry-point")
    leaving = (regional_stacks(settings, each) for each in settings.leaving_regions)
    return dict.fromkeys(chain.from_iterable(leaving), entry_point)


def _is_let_go(
    resources: ResourceSet, entry_point: str, resource: Resource, change: Change
) -> bool:
    """Whether a check is one that the entry point, as it is planned, does not ask any more."""
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
    resources: ResourceSet, stack: StackResources, resource: Resource, change: Change
) -> str | None:
    if resource.type != CHECK:
        return _LOSS.get(resource.type)
    asker = _asker(resources, stack, resource, change)
    return f"{asker}, {_ASKED_ELSEWHERE}" if asker else None


def _message(change: Change, loss: str) -> str:
    if "create" not in change.actions:
        return f"the plan destroys it: {loss}."
    forced = ", ".join(change.forced_by) or "an attribute that the plan does not name"
    return f"the plan destroys it and makes it anew, forced by {forced}: {loss}."


def _asker(
    resources: ResourceSet, stack: StackResources, check: Resource, change: Change
) -> str | None:
    """Return which other stack asks a check, None where none does.

    A stack that reads this one's outputs and is judged with it shows whether it still does.
    """
    own_id, texts = (change.before or {}).get("id"), _told_before(resources)
    if readers := _readers(resources, stack):
        asking = [reader for reader in readers if own_id in texts[reader]]
        return f"{asking[0]} asks it" if asking else None
    # A list of all ids is for people; what hands one over is that one alone.
    single = (value for value in stack.outputs.values() if single_reference(str(value)))
    referred = (resources.referenced(check, value) for value in single)
    if any(each is check for each in referred):
        return "an output hands its id over to another stack, which asks it"
    # An output that goes with the check is no longer told. A CALCULATED one is where the records
    # are; a standby's is ready, and not yet asked.
    is_calculated = (change.before or {}).get("type") == "CALCULATED"
    if own_id is None or is_calculated or own_id in texts[stack.name]:
        return None
    return "nothing in its own stack asks it, so another one does"


def _readers(resources: ResourceSet, stack: StackResources) -> list[str]:
    """Name the planned stacks that read the outputs of a stack."""
    stacks, hand_overs = resources.stacks, HandOvers(resources.stacks)
    return [
        reader.name
        for reader in stacks
        if reader.is_plan
        for read in reader.reads
        if (number := hand_overs.stack(read)) is not None and stacks[number] is stack
    ]


@lru_cache(maxsize=1)
def _told_before(resources: ResourceSet) -> Mapping[str, frozenset[str]]:
    """Give, for each stack, every text that its resources had but for their own ids."""
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
    why="Zones, certificates, IoT domain configurations, tables, buckets, streams and keys hold"
    " what a new one does not have: data, a delegation, a name that is served. A health check that"
    " another stack asks is as bad to lose: that stack still asks it after it is gone. In the stack"
    " of a region that the settings name under `leaving_regions`, it is told as a warning.",
    source="docs/adr/0011-checks-beside-their-records.md, docs/adr/0012-who-checks-what.md,"
    " docs/adr/0017-a-region-that-leaves.md;"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-deleting-tasks.html;"
    " docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html",
    find=_find,
    needs_plan=True,
)
