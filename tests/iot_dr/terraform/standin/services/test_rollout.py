"""What is planned and answered for pipelines, trails, keys, policies and lifecycles."""

import json
from collections.abc import Callable

import pytest

from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind
from tests.iot_dr.terraform.standin.services.resources import (
    selector,
    stages,
)

Kinds = Callable[[str], Kind]


def test_a_project_is_known_by_its_arn(kind: Kinds) -> None:
    made = kind("aws_codebuild_project").apply()
    assert made["arn"] == "arn:aws:codebuild:eu-west-1:111111111111:project/synth"
    assert (made["id"], made["badge_url"]) == (made["arn"], "")


def test_a_project_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    planned = kind("aws_codebuild_project").plan()
    assert (planned["build_timeout"], planned["queued_timeout"]) == (60, 480)
    assert (planned["project_visibility"], planned["badge_enabled"]) == ("PRIVATE", False)
    assert planned["artifacts"][0]["encryption_disabled"] is False
    (environment,) = planned["environment"]
    assert environment["image_pull_credentials_type"] == "CODEBUILD"
    assert environment["environment_variable"][0]["type"] == "PLAINTEXT"
    assert planned["logs_config"][0]["cloudwatch_logs"][0]["status"] == "ENABLED"
    assert planned["encryption_key"] == UNKNOWN


def test_a_pipeline_is_known_by_its_name(kind: Kinds) -> None:
    made = kind("aws_codepipeline").apply()
    assert made["id"] == "rollout"
    assert made["arn"] == "arn:aws:codepipeline:eu-west-1:111111111111:rollout"


def test_a_pipeline_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    planned = kind("aws_codepipeline").plan()
    assert (planned["pipeline_type"], planned["execution_mode"]) == ("V1", "SUPERSEDED")
    assert planned["artifact_store"][0]["region"] == ""
    assert planned["stage"][0]["action"][0]["run_order"] == UNKNOWN


def test_a_configuration_with_an_unknown_value_is_unknown_as_a_whole(kind: Kinds) -> None:
    configuration = {"CustomData": "wave 1", "NotificationArn": UNKNOWN}
    planned = kind("aws_codepipeline").plan(stage=stages(configuration=configuration))
    assert planned["stage"][0]["action"][0]["configuration"] == UNKNOWN


def test_a_trail_is_known_by_its_arn(kind: Kinds) -> None:
    made = kind("aws_cloudtrail").apply()
    assert made["arn"] == "arn:aws:cloudtrail:eu-west-1:111111111111:trail/registry"
    assert (made["id"], made["home_region"]) == (made["arn"], "eu-west-1")


def test_a_trail_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    trail = kind("aws_cloudtrail")
    planned = trail.plan()
    assert planned["enable_logging"] is planned["include_global_service_events"] is True
    assert planned["is_multi_region_trail"] is planned["enable_log_file_validation"] is False
    (selected,) = trail.plan(event_selector=[{}])["event_selector"]
    assert (selected["read_write_type"], selected["include_management_events"]) == ("All", True)


def test_a_selector_has_empty_lists_for_what_it_leaves_out(kind: Kinds) -> None:
    (planned,) = kind("aws_cloudtrail").plan(
        **selector(field="eventCategory", equals=["Management"])
    )["advanced_event_selector"]
    (field,) = planned["field_selector"]
    assert (field["equals"], field["starts_with"]) == (["Management"], [])


def test_a_key_is_known_by_its_id(kind: Kinds) -> None:
    made = kind("aws_kms_key").apply()
    assert made["id"] == made["key_id"]
    assert made["arn"] == f"arn:aws:kms:eu-west-1:111111111111:key/{made['id']}"


def test_a_key_without_a_policy_trusts_its_account(kind: Kinds) -> None:
    key = kind("aws_kms_key")
    assert key.plan()["policy"] == UNKNOWN
    (statement,) = json.loads(key.apply()["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}


def test_a_key_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    planned = kind("aws_kms_key").plan()
    assert planned["customer_master_key_spec"] == "SYMMETRIC_DEFAULT"
    assert (planned["enable_key_rotation"], planned["is_enabled"]) == (False, True)


@pytest.mark.parametrize(("rotates", "days"), [(True, 365), (False, 0)])
def test_a_key_that_rotates_does_so_once_a_year(kind: Kinds, rotates: bool, days: int) -> None:
    assert kind("aws_kms_key").apply(enable_key_rotation=rotates)["rotation_period_in_days"] == days


def test_a_policy_of_its_own_is_known_by_its_arn_which_has_no_region(kind: Kinds) -> None:
    policy = kind("aws_iam_policy")
    made = policy.apply()
    assert made["arn"] == "arn:aws:iam::111111111111:policy/iot-dr/apply"
    assert (made["id"], made["attachment_count"]) == (made["arn"], 0)
    assert policy.apply(path=None)["arn"].endswith(":policy/apply")


def test_a_policy_of_its_own_is_planned_with_its_keys_in_order(kind: Kinds) -> None:
    planned = kind("aws_iam_policy").plan(policy='{"Version": "2012-10-17", "Statement": []}')
    assert planned["policy"] == '{"Statement":[],"Version":"2012-10-17"}'


def test_an_attachment_is_known_by_its_role(kind: Kinds) -> None:
    assert kind("aws_iam_role_policy_attachment").apply()["id"].startswith("apply-")


def test_a_lifecycle_is_known_at_plan_as_the_provider_writes_it(kind: Kinds) -> None:
    planned = kind("aws_s3_bucket_lifecycle_configuration").plan()
    assert planned["transition_default_minimum_object_size"] == "all_storage_classes_128K"
    (rule,) = planned["rule"]
    assert rule["prefix"] == ""
    assert rule["expiration"][0]["expired_object_delete_marker"] is False
    assert rule["filter"][0]["object_size_less_than"] is None


def test_a_lifecycle_is_known_by_its_bucket_and_a_second_plan_is_empty(kind: Kinds) -> None:
    lifecycle = kind("aws_s3_bucket_lifecycle_configuration")
    made = lifecycle.apply()
    assert (made["id"], made["expected_bucket_owner"]) == ("artifacts-of-dev", "")
    assert lifecycle.changed(made) == made
