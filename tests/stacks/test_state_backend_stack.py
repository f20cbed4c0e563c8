"""The copies of the global stacks' states: which there are, and who may make them."""

import json
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from environments.settings import Settings
from tests.support.relay import Relay
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

THREE = list(REGIONS[:3])
GLOBAL = ("iot-dev-state", "iot-dev-hosted-zone", "iot-dev-entry-point")


@st.composite
def environments(draw: st.DrawFn) -> Settings:
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=2, max_size=5, unique=True))
    chosen = st.sampled_from(regions)
    return settings(regions=regions, home_region=draw(chosen), primary_region=draw(chosen))


def replication(state: Template) -> dict[str, Any]:
    (found,) = state.resources("aws_s3_bucket_replication_configuration").values()
    return found


@limits(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(environments())
def test_each_global_state_and_no_other_object_is_copied_to_each_standby_and_nowhere_else(
    synthesis: Synthesis, environment: Settings
) -> None:
    stacks = synthesis(environment)
    relay = Relay(stacks["iot-dev-state"])
    standbys = {
        environment.state_bucket(region)
        for region in environment.regions
        if region != environment.home_region
    }
    for name, stack in stacks.items():
        key = stack.backend["key"]
        assert set(relay.destinations(key)) == (standbys if name in GLOBAL else set())
        assert not list(relay.destinations(f"{key}.tflock"))
    assert not list(relay.destinations("dev/promoted.json"))


def test_deletions_stay_at_home(synthesis: Synthesis) -> None:
    state = synthesis(settings(regions=THREE))["iot-dev-state"]
    rules = state.resources("aws_s3_bucket_replication_configuration")["state_eu_west_1"]["rule"]
    assert len(rules) == 6
    assert {rule["delete_marker_replication"]["status"] for rule in rules} == {"Disabled"}
    policies = [each["policy"] for each in state.resources("aws_iam_role_policy").values()]
    assert not any("Delete" in policy for policy in policies)


def test_the_rules_have_numbers_of_their_own_and_are_all_on(synthesis: Synthesis) -> None:
    state = synthesis(settings(regions=list(REGIONS)))["iot-dev-state"]
    rules = state.resources("aws_s3_bucket_replication_configuration")["state_eu_west_1"]["rule"]
    assert [rule["priority"] for rule in rules] == list(range(1, 13))
    assert len({rule["id"] for rule in rules}) == 12
    assert {rule["status"] for rule in rules} == {"Enabled"}


def test_only_s3_on_behalf_of_homes_bucket_may_take_the_role(synthesis: Synthesis) -> None:
    state = synthesis(settings(regions=THREE))["iot-dev-state"]
    (role,) = state.resources("aws_iam_role").values()
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::example-iot-dev-eu-west-1"},
    }


def test_the_role_names_every_action_and_every_object(synthesis: Synthesis) -> None:
    state = synthesis(settings(regions=THREE))["iot-dev-state"]
    for policy in state.resources("aws_iam_role_policy").values():
        assert "*" not in policy["policy"]


def test_the_copies_wait_for_the_versions_of_every_bucket(synthesis: Synthesis) -> None:
    state = synthesis(settings(regions=THREE))["iot-dev-state"]
    waits_for: list[str] = replication(state)["depends_on"]
    versioned = {f"aws_s3_bucket_versioning.{id_}" for id_ in state.resources("aws_s3_bucket")}
    assert versioned <= set(waits_for)


def test_another_region_adds_its_own_resources_and_changes_the_list_of_rules_alone(
    synthesis: Synthesis,
) -> None:
    before = synthesis(settings(regions=THREE))["iot-dev-state"]
    after = synthesis(settings(regions=[*THREE, "us-east-2"]))["iot-dev-state"]
    kept = {(block.type, block.logical_id): block.body for block in before.blocks()}
    grown = {(block.type, block.logical_id): block.body for block in after.blocks()}
    assert {key for key in kept if grown[key] != kept[key]} == {
        ("aws_s3_bucket_replication_configuration", "state_eu_west_1")
    }
    assert {logical_id for _, logical_id in grown.keys() - kept.keys()} == {"state_us_east_2"}
    old, new = replication(before)["rule"], replication(after)["rule"]
    assert new[: len(old)] == old
