"""The copies of the global stacks' states: which there are, and who may make them."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from environments.settings import Settings
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from tests.support.examples import examples
from tests.support.pipeline import PIPELINE
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
    (result,) = state.resources("aws_s3_bucket_replication_configuration").values()
    return result


@limits(max_examples=examples(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def boundaries_of(stack: Template) -> set[str]:
    """The boundaries of a stack's roles, those that it creates itself by the ARNs they refer to."""
    roles = stack.resources("aws_iam_role").values()
    return {role["permissions_boundary"] for role in roles if "permissions_boundary" in role}


def made_by(stack: Template) -> dict[str, str]:
    """ARNs of the policies that a stack creates, keyed by the references to them."""
    return {
        f"${{aws_iam_policy.{id_}.arn}}": (
            f"arn:aws:iam::111111111111:policy{policy['path']}{policy['name']}"
        )
        for id_, policy in stack.resources("aws_iam_policy").items()
    }


@pytest.mark.parametrize(
    ("count", "active"),
    [
        (2, "eu-west-1"),
        (5, "eu-central-1"),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in product((2, 3, 4, 5), ("eu-west-1", "eu-central-1"))
            if case not in {(2, "eu-west-1"), (5, "eu-central-1")}
        ),
    ],
)
def test_every_boundary_is_there_before_the_role_that_has_it(
    count: int, active: str, synthesis: Synthesis
) -> None:
    environment = settings(
        regions=list(REGIONS[:count]), pipeline={**PIPELINE, "active_region": active}
    )
    stacks = synthesis(environment)
    waves = [wave.names for wave in RolloutWaves(platform_graph(environment)).waves]
    there: set[str] = set()
    seen: set[str] = set()
    # `iot-dr state init` applies the state's stack before any other.
    for wave in (("iot-dev-state",), *waves):
        made = {name: made_by(stacks[name]) for name in wave}
        for name in wave:
            for boundary in boundaries_of(stacks[name]):
                assert boundary in made[name] or boundary in there, name
                seen.add(made[name].get(boundary, boundary))
        there |= {arn for each in made.values() for arn in each.values()}
    assert seen == there
    assert len(there) == 3


@pytest.mark.parametrize("changes", [{"regions": THREE[::-1]}, {"home_region": "eu-north-1"}])
def test_the_cap_of_functions_is_the_same_policy_whichever_region_comes_first_or_is_home(
    changes: dict[str, Any], synthesis: Synthesis
) -> None:
    named = {
        next(iter(made_by(synthesis(variant)["iot-dev-state"]).values()))
        for variant in (
            settings(regions=THREE, pipeline=PIPELINE),
            settings(**{"regions": THREE, "pipeline": PIPELINE, **changes}),
        )
    }
    assert named == {"arn:aws:iam::111111111111:policy/iot-dr/example-dev-function-boundary"}


def test_without_a_pipeline_no_role_of_a_function_is_capped(synthesis: Synthesis) -> None:
    for stack in synthesis(settings(regions=THREE)).values():
        assert not boundaries_of(stack)
        assert not stack.resources("aws_iam_policy")
