"""What a change of the settings changes, and what it must leave alone."""

from typing import Any

import pytest

from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

THREE = list(REGIONS[:3])


def changed(before: dict[str, Template], after: dict[str, Template]) -> set[str]:
    """Name the stacks of `before` whose JSON is another one in `after`."""
    return {name for name, stack in before.items() if stack.document != after[name].document}


def addresses(stacks: dict[str, Template]) -> dict[str, str | None]:
    """Return the provider of each resource but the watcher's by stack and address."""
    return {
        f"{stack.name} {block.type}.{block.logical_id}": block.body.get("provider")
        for stack in stacks.values()
        for block in stack.blocks()
        if not block.logical_id.startswith("watcher_")
    }


def backends(stacks: dict[str, Template]) -> dict[str, dict[str, Any]]:
    return {name: stack.backend for name, stack in stacks.items()}


@pytest.mark.parametrize("regions", [THREE[:2], THREE, list(REGIONS)], ids=len)
def test_a_change_of_primary_changes_the_entry_point_alone(
    regions: list[str], synthesis: Synthesis
) -> None:
    before = synthesis(settings(regions=regions))
    after = synthesis(settings(regions=regions, primary_region=regions[1]))
    assert list(before) == list(after)
    assert changed(before, after) == {"iot-dev-entry-point"}


def test_a_change_of_primary_moves_no_state_id_or_provider(synthesis: Synthesis) -> None:
    before = synthesis(settings(regions=THREE))
    after = synthesis(settings(regions=THREE, primary_region="eu-north-1"))
    assert backends(before) == backends(after)
    assert addresses(before) == addresses(after)


@pytest.mark.parametrize("primary", THREE)
def test_a_watcher_is_in_each_standby_whole(primary: str, synthesis: Synthesis) -> None:
    platform = settings(regions=THREE, primary_region=primary)
    standbys = [standby.replace("-", "_") for standby in platform.standbys]
    stack = synthesis(platform)["iot-dev-entry-point"]
    watching = [block for block in stack.blocks() if "watcher" in block.logical_id]
    assert {block.logical_id for block in watching} == {f"watcher_{each}" for each in standbys}
    assert {block.body["provider"] for block in watching} == {f"aws.{each}" for each in standbys}
    assert {block.type for block in watching} == {
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_metric_alarm",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_lambda_function",
        "aws_lambda_permission",
    }


def test_a_change_of_primary_changes_no_check_switch_or_alarm(synthesis: Synthesis) -> None:
    before = synthesis(settings(regions=THREE))["iot-dev-entry-point"]
    after = synthesis(settings(regions=THREE, primary_region="eu-north-1"))["iot-dev-entry-point"]
    for type_ in ("aws_route53_health_check", "aws_cloudwatch_metric_alarm"):
        kept, now = (
            {name: body for name, body in stack.resources(type_).items() if "watcher" not in name}
            for stack in (before, after)
        )
        assert kept == now


def test_a_change_of_primary_changes_only_where_the_slots_lead(synthesis: Synthesis) -> None:
    before = synthesis(settings())["iot-dev-entry-point"].resources("aws_route53_record")
    after = synthesis(settings(primary_region="eu-central-1"))["iot-dev-entry-point"].resources(
        "aws_route53_record"
    )
    for slot, record in before.items():
        differing = {key for key, value in record.items() if after[slot][key] != value}
        assert differing == {"records", "health_check_id"}


def test_another_region_changes_the_buckets_and_the_entry_point_alone(
    synthesis: Synthesis,
) -> None:
    before = synthesis(settings(regions=THREE))
    after = synthesis(settings(regions=[*THREE, "us-east-2"]))
    assert set(after) - set(before) == {"iot-dev-iot-us-east-2"}
    assert changed(before, after) == {"iot-dev-state", "iot-dev-entry-point"}


def test_another_region_adds_a_bucket_and_one_more_copy_and_touches_no_other_bucket(
    synthesis: Synthesis,
) -> None:
    before = synthesis(settings(regions=THREE))["iot-dev-state"]
    after = synthesis(settings(regions=[*THREE, "us-east-2"]))["iot-dev-state"]
    kept = {(block.type, block.logical_id): block.body for block in before.blocks()}
    grown = {(block.type, block.logical_id): block.body for block in after.blocks()}
    assert {key for key in kept if grown[key] != kept[key]} == {
        ("aws_s3_bucket_replication_configuration", "state_eu_west_1"),
    }
    assert {logical_id for _, logical_id in grown.keys() - kept.keys()} == {"state_us_east_2"}


def test_another_region_leaves_every_slot_before_the_last_alone(synthesis: Synthesis) -> None:
    before = synthesis(settings(regions=THREE))["iot-dev-entry-point"]
    after = synthesis(settings(regions=[*THREE, "us-east-2"]))["iot-dev-entry-point"]
    checks = before.resources("aws_route53_health_check")
    grown_checks = after.resources("aws_route53_health_check")
    # The third region is no longer followed by the first: its second alarm region is the new
    # region.
    assert {id_ for id_, check in checks.items() if grown_checks[id_] != check} == {
        "switch_eu_north_1_second"
    }
    kept = before.resources("aws_route53_record")
    grown = after.resources("aws_route53_record")
    assert {slot for slot in kept if grown[slot] != kept[slot]} == {
        *("failover_3_primary", "failover_3_secondary"),
    }
    assert set(grown) - set(kept) == {
        f"failover_{slot}_{side}" for slot in (4, 5) for side in ("primary", "secondary")
    }


def test_a_switch_that_moves_to_another_alarm_region_is_another_alarm(synthesis: Synthesis) -> None:
    """An alarm whose provider alone changed would stay in the former region, by its state."""
    four = [*THREE, "us-east-2"]
    before = synthesis(settings(regions=four))["iot-dev-entry-point"]
    order = [four[1], four[0], *four[2:]]
    after = synthesis(settings(regions=order))["iot-dev-entry-point"]
    then = {(b.type, b.logical_id): b.body.get("provider") for b in before.blocks()}
    now = {(b.type, b.logical_id): b.body.get("provider") for b in after.blocks()}
    assert [key for key in then.keys() & now.keys() if then[key] != now[key]] == []
    assert {id_ for _, id_ in now.keys() - then.keys()} == {"switch_eu_north_1_in_eu_central_1"}


def test_environments_in_one_app_are_what_they_are_alone(synthesis: Synthesis) -> None:
    dev, prod = settings(), settings(environment="prod", account_id="333333333333")
    together = synthesis(dev, prod)
    apart = {**synthesis(dev), **synthesis(prod)}
    assert {name: stack.document for name, stack in together.items()} == {
        name: stack.document for name, stack in apart.items()
    }
