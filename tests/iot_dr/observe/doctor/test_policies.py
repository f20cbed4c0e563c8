"""The policies of commands: as the pages show them, as the calls need them, as IAM takes them."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.observe.doctor.catalogue import CHECKS
from iot_dr.observe.doctor.checks import alarm_copies, connections, existing_platform, names, trails
from iot_dr.observe.doctor.examination import examine
from iot_dr.observe.doctor.policies import (
    doctor_grants,
    policies,
    rotation_grants,
    status_grants,
    switch_grants,
)
from iot_dr.observe.status.network import Network
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.permissions.policy import allow
from stacks.stack_context import stack_context
from tests.iot_dr.observe.doctor.test_checks import CALLER, limits
from tests.iot_dr.observe.doctor.test_dns import FREE
from tests.iot_dr.observe.doctor.test_quotas import ENOUGH, value
from tests.iot_dr.observe.doctor.world import CENTRAL, WEST, Answers, World, refusal
from tests.support.command import ROOT
from tests.support.existing import ZONE, existing
from tests.support.iam import Call, Role, listed
from tests.support.pipeline import PIPELINE, connection
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

SETTINGS = settings()
LARGE = settings(data={}, pipeline=PIPELINE)


def environment(chosen: Settings) -> PipelineEnvironment:
    return PipelineEnvironment(chosen, stack_context(chosen, chosen.home_region))


def triples(statements: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, str]]:
    """Return actions with their resources and conditions, in whatever statements they are.

    A statement can have several services, of which each acts on its own resources only.
    """
    return {
        (action.lower(), resource, json.dumps(statement.get("Condition", {}), sort_keys=True))
        for statement in statements
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if resource == "*" or resource.split(":")[2] == action.partition(":")[0]
    }


def granted(grants: Iterable[Grant]) -> set[tuple[str, str, str]]:
    return triples(allow(grants))


def shown(page: str) -> set[tuple[str, str, str]]:
    """Return the policy that a page shows."""
    text = Path(ROOT, "docs", page).read_text(encoding="utf-8")
    (policy,) = re.findall(r'```json\n(\{\n  "Version".*?)```', text, re.DOTALL)
    return triples(json.loads(policy)["Statement"])


def test_the_pages_show_the_policies_of_their_commands() -> None:
    own = environment(SETTINGS)
    assert shown("reference/status.md") == granted(status_grants(own))
    assert shown("runbooks/switch.md") == granted(switch_grants(own))
    assert shown("runbooks/rotate.md") == granted(rotation_grants(own))
    assert shown("how-to/doctor.md") == granted(doctor_grants(own))


def test_checks_are_changed_only_for_a_switch_with_two_alarm_regions() -> None:
    changed = ("route53:updatehealthcheck", "arn:aws:route53:::healthcheck/*", "{}")
    three = settings(regions=[*SETTINGS.regions, "eu-north-1"])
    assert changed in granted(switch_grants(environment(three)))
    assert changed not in granted(switch_grants(environment(SETTINGS)))


def test_the_checks_declare_the_actions_that_they_call(synthesis: Synthesis) -> None:
    zones = [{"Id": "Z1", "Name": "iot-dev.example.com.", "Config": {"PrivateZone": False}}]
    answers: Answers = {
        **FREE,
        **ENOUGH,
        "get_caller_identity": CALLER,
        "get_bucket_versioning": {"Status": "Enabled"},
        "get_account_settings": limits(1000),
        "get_parameters": {"InvalidParameters": []},
        "list_hosted_zones_by_name": {"HostedZones": zones},
        ("get_service_quota", WEST): refusal("NoSuchResourceException"),
        ("get_aws_default_service_quota", WEST): value(1),
    }
    world = World(answers, settings=LARGE)
    examine(world.account(synthesis, Network(resolvers=())))
    # The service has had another name, which is in the ARNs of older connections.
    former = {
        region: connection(region).replace("codeconnections", "codestar-connections")
        for region in LARGE.regions
    }
    older = settings(pipeline={**PIPELINE, "connections": former})
    list(connections.examine(World({}, settings=older, called=world.called).account()))
    block = existing(device_policy={"name": "FleetPolicy", "document": "fleet.json"})
    adopted = settings(zone=ZONE, existing=block)
    list(existing_platform.examine(World({}, settings=adopted, called=world.called).account()))
    trail = {"trailList": [{"TrailARN": "arn", "Name": "all"}]}
    logged: Answers = {"describe_trails": trail, "get_trail_status": {"IsLogging": True}}
    own = settings(data={"create_trail": False})
    list(trails.examine(World(logged, settings=own, called=world.called).account()))
    followed = {"Region": CENTRAL, "Name": "example-dev-switch-eu-west-1"}
    switches = {"HealthChecks": [{"Id": "1", "HealthCheckConfig": {"AlarmIdentifier": followed}}]}
    kept = World({"list_health_checks": switches}, called=world.called)
    list(alarm_copies.examine(kept.account()))
    returning = World({}, called=world.called)
    returning.record(CENTRAL)
    list(names.examine(returning.account(synthesis)))
    declared = {action.lower() for check in CHECKS for action in check.actions}
    assert {action.lower() for action in world.called} - {"sts:getcalleridentity"} == declared


@pytest.fixture
def documents(synthesis: Synthesis) -> Mapping[str, Any]:
    """The policies of a large environment."""
    return policies(LARGE, {name: each.document for name, each in synthesis(LARGE).items()})


def test_no_policy_is_longer_than_iam_takes(documents: Mapping[str, Any]) -> None:
    lengths = {
        len(json.dumps(document, separators=(",", ":")))
        for listed_documents in documents.values()
        for document in listed_documents
    }
    assert max(lengths) <= 6144
    assert len(documents["deploy"]) > 1


def statements(commands: Mapping[str, Any], command: str) -> Role:
    return Role([each for document in commands[command] for each in document["Statement"]])


def test_a_plan_reads_and_a_deploy_changes(documents: Mapping[str, Any]) -> None:
    regional = {"aws:RequestedRegion": WEST}
    function = f"arn:aws:lambda:{WEST}:111111111111:function:example-dev-canary"
    read = Call("lambda:GetFunction", function, regional)
    change = Call("lambda:UpdateFunctionCode", function, regional)
    other = Call("lambda:UpdateFunctionCode", function.replace("example", "other"), regional)
    plan, deploy = statements(documents, "plan"), statements(documents, "deploy")
    assert [plan.may(call) for call in (read, change, other)] == [True, False, False]
    assert [deploy.may(call) for call in (read, change, other)] == [True, True, False]


def test_without_a_pipeline_roles_have_no_boundary(synthesis: Synthesis) -> None:
    design = {name: each.document for name, each in synthesis(SETTINGS).items()}
    deploy = statements(policies(SETTINGS, design), "deploy")
    roles = synthesis(SETTINGS)["iot-dev-iot-eu-west-1"].resources("aws_iam_role")
    assert roles
    for role in roles.values():
        create = Call("iam:CreateRole", f"arn:aws:iam::111111111111:role/{role['name']}")
        other = Call(create.action, create.resource.replace("example", "other"))
        assert (deploy.may(create), deploy.may(other)) == (True, False)
