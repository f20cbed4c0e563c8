"""The mutants of an environment: those of its device path, in one region and in all."""

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tools.benchmarks.design_mutants.__main__ import sampled
from tools.benchmarks.design_mutants.data_path import data_path
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant
from tools.benchmarks.design_mutants.device_path import device_path, failover_path
from tools.benchmarks.design_mutants.generation import generate


@pytest.fixture(scope="session")
def mutants(design: BaseDesign, schema: SchemaCache) -> tuple[Mutant, ...]:
    return generate(design, schema).mutants


def test_the_device_path_is_what_a_device_a_check_and_the_watcher_use(
    design: BaseDesign, schema: SchemaCache
) -> None:
    path = {resource.id for resource in device_path(design.resources, design.settings, schema)}
    assert {
        "iot-dev-entry-point/aws_route53_record.failover_1_secondary",
        "iot-dev-entry-point/aws_cloudwatch_metric_alarm.switch_eu_west_1_in_eu_central_1",
        "iot-dev-entry-point/aws_cloudwatch_event_target.watcher_eu_central_1",
        "iot-dev-iot-eu-central-1/aws_iot_policy.device",
        "iot-dev-iot-eu-west-1/aws_lambda_permission.health",
        "iot-dev-iot-eu-west-1/data.aws_iot_endpoint.data_ats",
    } <= path
    # These only notify and record.
    assert not [each for each in path if "sns_topic" in each or "log_group" in each]
    assert "iot-dev-iot-eu-west-1/aws_cloudwatch_metric_alarm.canary" not in path


def test_the_path_of_data_is_what_device_data_and_states_pass(
    data_design: BaseDesign, schema: SchemaCache
) -> None:
    path = {
        resource.id for resource in data_path(data_design.resources, data_design.settings, schema)
    }
    registry, telemetry = "iot-dev-device-registry-eu-north-1", "iot-dev-telemetry-eu-west-1"
    assert {
        f"{registry}/aws_iot_event_configurations.registry",
        f"{registry}/aws_cloudtrail.registry_trail",
        f"{registry}/aws_cloudwatch_event_target.registry_calls",
        f"{registry}/aws_sqs_queue.registry_parked",
        f"{registry}/aws_iam_role_policy.registry_apply",
        f"{registry}/data.aws_dynamodb_table.device_registry",
        f"{telemetry}/aws_kinesis_stream.telemetry",
        "iot-dev-data/aws_dynamodb_table.device_state",
        "iot-dev-state/aws_s3_bucket_replication_configuration.state_eu_west_1",
    } <= path
    # EventBridge does not read the trail's files.
    assert f"{registry}/aws_s3_bucket.registry_trail" not in path
    assert not [each for each in path if "metric_alarm" in each or "log_group" in each]


def test_the_failover_path_is_what_moves_devices(design: BaseDesign, schema: SchemaCache) -> None:
    path = failover_path(design.resources, design.settings, schema)
    assert {each.type for each in path if each.stack != "iot-dev-entry-point"} == {
        "aws_route53_health_check"
    }
    classes = {mutant.class_ for mutant in generate(design, schema, failover_path).mutants}
    alarm, check = "aws_cloudwatch_metric_alarm", "aws_route53_health_check"
    assert {
        (alarm, "treat_missing_data", "another value"),
        (alarm, "period", "smaller"),
        (check, "insufficient_data_health_status", "another value"),
        (check, "disabled", "negated"),
        (check, "request_interval", "another value"),
        ("aws_cloudwatch_event_rule", "state", "another value"),
        ("aws_cloudwatch_event_rule", "schedule_expression", "another name"),
        ("aws_lambda_function", "", "removed"),
        ("aws_lambda_function", "environment.variables.WATCHER_AWAY", "removed"),
        ("aws_lambda_permission", "", "removed"),
        ("aws_route53_record", "ttl", "larger"),
    } <= classes


def test_each_mutant_changes_the_design_and_its_id_is_its_own(
    design: BaseDesign, mutants: tuple[Mutant, ...]
) -> None:
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    for mutant in mutants[::7]:
        for stack, document in design.mutated_documents(mutant).items():
            assert document != design.documents[stack], mutant.id


def test_a_change_of_the_spelling_alone_is_left_out(
    design: BaseDesign, schema: SchemaCache, mutants: tuple[Mutant, ...]
) -> None:
    assert generate(design, schema).unchanged > 0
    changes = {mutant.class_ for mutant in mutants}
    # Their defaults, labels and the provider of a global service.
    assert ("aws_route53_health_check", "failure_threshold", "removed") not in changes
    assert ("aws_iot_policy", "policy.Statement.Sid", "removed") not in changes
    assert ("aws_route53_record", "provider", "another region") not in changes
    # A document whose providers all have an alias has none for it.
    assert ("aws_route53_record", "provider", "removed") in changes


@pytest.mark.parametrize(
    "class_",
    [
        ("aws_route53_record", "", "removed"),
        ("aws_route53_record", "failover_routing_policy.type", "another value"),
        ("aws_route53_health_check", "invert_healthcheck", "negated"),
        ("aws_route53_health_check", "child_health_threshold", "larger"),
        ("aws_route53_health_check", "fqdn", "another region"),
        ("aws_iot_domain_configuration", "status", "another value"),
        ("aws_iot_policy", "policy.Statement.Effect", "denied"),
        ("aws_lambda_function", "environment.variables.WATCHER_TTL", "smaller"),
        ("aws_cloudwatch_event_rule", "provider", "another region"),
        ("data.aws_iot_endpoint", "endpoint_type", "another value"),
    ],
)
def test_there_is_a_mutant_of_each_kind(
    class_: tuple[str, str, str], mutants: tuple[Mutant, ...]
) -> None:
    assert class_ in {mutant.class_ for mutant in mutants}


def test_a_resource_of_each_region_is_also_changed_in_all_of_them(
    mutants: tuple[Mutant, ...],
) -> None:
    denied = [mutant for mutant in mutants if mutant.place == "policy.ConnectAsOwnThing"]
    stacks = [
        [edit.stack for edit in mutant.edits] for mutant in denied if mutant.change == "denied"
    ]
    west, central = "iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1"
    assert sorted(stacks) == [[central], [central, west], [west]]


def test_a_sample_depends_on_its_seed_alone(mutants: tuple[Mutant, ...]) -> None:
    assert sampled(mutants, 20, 1) == sampled(mutants, 20, 1) != sampled(mutants, 20, 2)
    assert sampled(mutants, None, 1) == mutants
