"""What AWS answers for an argument that was left out, but not before a later read."""

from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from modules.checker_regions import CHECKER_REGIONS
from tests.iot_dr.terraform.project import Project
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

_CHECK = {"type": "TCP", "fqdn": "a.example.com", "port": 8883}
_RULE = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
_CALCULATED = {"type": "CALCULATED", "child_health_threshold": 1, "child_healthchecks": ["a"]}

_OTHER_EVENTS = (
    *("CA_CERTIFICATE", "CERTIFICATE", "JOB", "JOB_EXECUTION", "POLICY", "THING_GROUP"),
    *("THING_GROUP_HIERARCHY", "THING_GROUP_MEMBERSHIP", "THING_TYPE", "THING_TYPE_ASSOCIATION"),
)

CHECK, ENCRYPTION, EVENTS, PIPELINE = (
    "aws_route53_health_check",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_iot_event_configurations",
    "aws_codepipeline",
)
_ARGUMENT = {
    CHECK: "regions",
    ENCRYPTION: "blocked_encryption_types",
    EVENTS: "event_configurations",
}


@pytest.mark.parametrize(
    ("kind", "left_out", "named"),
    [
        (CHECK, _CHECK, {**_CHECK, "regions": [*CHECKER_REGIONS]}),
        (
            ENCRYPTION,
            {"bucket": "some-bucket", "rule": [_RULE]},
            {"bucket": "some-bucket", "rule": [{**_RULE, "blocked_encryption_types": ["SSE-C"]}]},
        ),
        (
            EVENTS,
            {"event_configurations": {"THING": True}},
            {"event_configurations": {"THING": True, **dict.fromkeys(_OTHER_EVENTS, False)}},
        ),
    ],
    ids=["regions of a health check", "blocked encryption types of a bucket", "kinds of events"],
)
def test_an_argument_that_is_left_out_is_a_change_in_the_next_plan_unless_it_is_computed(
    project: Project,
    cache: SchemaCache,
    kind: str,
    left_out: dict[str, Any],
    named: dict[str, Any],
) -> None:
    project.write({kind: {"x": named}})
    project.apply()
    assert project.plans_nothing()
    project.write({kind: {"x": left_out}})
    project.apply()
    block = cache.block("resource", kind)
    rule = block.blocks["rule"].block if "rule" in block.blocks else block
    assert project.plans_nothing() == rule.attributes[_ARGUMENT[kind]].computed


def test_a_check_that_asks_no_endpoint_has_no_regions(project: Project) -> None:
    project.write({CHECK: {"x": _CALCULATED}})
    project.apply()
    assert project.plans_nothing()


def test_events_that_the_registry_does_not_configure_cause_no_change_in_the_next_plan(
    project: Project, synthesis: Synthesis
) -> None:
    stacks = synthesis(settings(regions=list(REGIONS[:2]), data={}))
    registry = stacks[f"iot-dev-device-registry-{REGIONS[0]}"].resources(EVENTS)["registry"]
    registry.pop("provider")
    project.write({EVENTS: {"registry": registry}})
    events = project.apply()[f"{EVENTS}.registry"]["event_configurations"]
    assert "JOB" not in events
    assert project.plans_nothing()


def test_the_pinned_provider_notices_that_a_pipeline_has_no_trigger_any_more(
    cache: SchemaCache,
) -> None:
    # Where `trigger` was computed a pipeline kept its trigger (hashicorp/terraform-provider-aws
    # issue 39347). The fix, PR 42008, moved what AWS answers to `trigger_all`.
    answered = cache.block("resource", PIPELINE).attributes["trigger_all"]
    assert answered.computed
    assert not answered.optional
