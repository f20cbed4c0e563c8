"""Copies of one pipeline that start automatically in more than one region."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.aws_host import REGION
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "two-active-pipelines"
_SOURCE: Final = "CodeStarSourceConnection"
_OURS: Final = re.compile(rf"(iot-[\w-]+-pipeline)-{REGION}")

_Configuration = dict[str, object]
"""The configuration of a source action."""


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    copies: dict[str, list[Resource]] = defaultdict(list)
    for pipeline in resources.of_type("aws_codepipeline"):
        for source in _sources(resources, pipeline)[:1]:
            copies[_of_what(resources, pipeline, source)].append(pipeline)
    for same in copies.values():
        active = [(each, starts) for each in same if (starts := _starts(resources, each))]
        for pipeline, starts in active[1:]:
            first = active[0][0]
            if _family(pipeline) or first.region != pipeline.region:
                yield _finding(first, pipeline, starts)


def _of_what(resources: ResourceSet, pipeline: Resource, source: _Configuration) -> str:
    """Return a key that the copies of a pipeline share.

    Stacks of iot-dr share a name; other copies build the same branch through the same stages.
    """
    taken = (source.get("FullRepositoryId"), source.get("BranchName"))
    names = [each.get("name") for each in blocks(pipeline.values, "stage")]
    return _family(pipeline) or f"{[resources.resolve(pipeline, each) for each in taken]} {names}"


def _family(pipeline: Resource) -> str | None:
    match = _OURS.fullmatch(pipeline.stack)
    return match.group(1) if match else None


def _sources(resources: ResourceSet, pipeline: Resource) -> list[_Configuration]:
    return [
        mapping(action.get("configuration"))
        for stage in blocks(pipeline.values, "stage")
        for action in blocks(stage, "action")
        if resolved_text(resources, pipeline, action.get("provider")) == _SOURCE
    ]


def _starts(resources: ResourceSet, pipeline: Resource) -> str | None:
    """Return what starts a pipeline automatically, None if nothing is known to."""
    if blocks(pipeline.values, "trigger"):
        return "has a trigger"
    for source in _sources(resources, pipeline):
        detects = source.get("DetectChanges")
        # DetectChanges defaults to true, but only if the configuration is known at all.
        given = str(resources.resolve(pipeline, detects)).lower()
        if source and (detects is None or given == "true"):
            return "detects changes"
    return None


def _finding(first: Resource, second: Resource, starts: str) -> Finding:
    is_ours = _family(second) is not None
    advice = (
        "Name one region as `active` in the settings' `pipeline` block."
        if is_ours
        else 'Remove the trigger of one of them, and set its DetectChanges to "false".'
    )
    return finding_at(
        second,
        _ID,
        f"it {starts}, and {first.address} of {first.stack} starts automatically too: both would"
        f" deploy one push, in {first.region} and in {second.region}, and change two regions at"
        f" once. {advice}",
        Verdict.BLOCK if is_ours else Verdict.WARN,
    )


RULE: Final = Rule(
    id=_ID,
    title="At most one copy of a pipeline that starts automatically",
    why="A copy of the pipeline in another region is for the loss of the first one's region. If"
    " both start automatically, each deploys a push independently, and two regions change at once."
    " It blocks for stacks of iot-dr, and warns for other pipelines that build the same branch"
    " through the same stages in two regions.",
    source="docs/adr/0020-waves-and-the-pipeline.md;"
    " docs.aws.amazon.com/codepipeline/latest/userguide/"
    "action-reference-CodestarConnectionSource.html, DetectChanges",
    find=_find,
)
