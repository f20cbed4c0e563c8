"""What takes in a region's telemetry."""

import json
import re
from typing import Any

import pytest

from environments.settings import Settings
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

REGION = "eu-central-1"
PLATFORM = settings(regions=list(REGIONS[:3]), data={"stream_hours": 48})


@pytest.fixture
def stack(synthesis: Synthesis) -> Template:
    return synthesis(PLATFORM)[f"iot-dev-telemetry-{REGION}"]


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads(policy["policy"])["Statement"]


def test_it_reads_no_state_and_asks_no_other_region(stack: Template) -> None:
    assert list(stack.blocks("data")) == []
    document = json.dumps({**stack.document, "terraform": None})
    assert set(re.findall(r"\b[a-z]{2}-[a-z]+-\d\b", document)) == {REGION}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            settings(regions=list(REGIONS[:3]), data={"stream_hours": 48}, primary_region=REGION),
            id="primary",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            settings(regions=list(REGIONS[:3]), data={"stream_hours": 48}, handover_region=REGION),
            id="copy",
        ),
    ],
)
def test_neither_the_primary_nor_a_copy_changes_it(
    other: Settings, stack: Template, synthesis: Synthesis
) -> None:
    assert synthesis(other)[stack.name].document == stack.document


def test_the_rule_takes_what_devices_may_publish_and_hands_it_on_as_it_came(
    stack: Template, synthesis: Synthesis
) -> None:
    (rule,) = stack.resources("aws_iot_topic_rule").values()
    assert rule["name"] == "example_dev_telemetry"
    assert rule["enabled"] is True
    assert rule["sql_version"] == "2016-03-23"
    assert rule["sql"] == (
        "SELECT encode(*, 'base64') AS payload, topic(2) AS device, timestamp() AS received,"
        " topic() AS topic"
        " FROM 'iot-dev/+/up/#'"
    )
    policy = synthesis(PLATFORM)[f"iot-dev-iot-{REGION}"].resources("aws_iot_policy")["device"]
    assert "topic/iot-dev/$${iot:Connection.Thing.ThingName}/up/*" in policy["policy"]


def test_messages_of_one_device_keep_their_order_in_the_stream(stack: Template) -> None:
    (rule,) = stack.resources("aws_iot_topic_rule").values()
    (kinesis,) = rule["kinesis"]
    assert kinesis["partition_key"] == "$${topic(2)}", "Terraform reads one dollar as its own"
    assert kinesis["stream_name"] == "${aws_kinesis_stream.telemetry.name}"


def test_what_the_rule_cannot_write_goes_to_a_queue_of_its_own(stack: Template) -> None:
    (rule,) = stack.resources("aws_iot_topic_rule").values()
    sqs = rule["error_action"]["sqs"]
    assert sqs["queue_url"] == "${aws_sqs_queue.telemetry_lost.url}"
    assert rule["depends_on"] == ["aws_iam_role_policy.telemetry_rule"]


def test_the_rule_may_write_to_one_stream_and_one_queue_for_this_rule_alone(
    stack: Template,
) -> None:
    write, notify = statements(stack.resources("aws_iam_role_policy")["telemetry_rule"])
    assert (write["Action"], write["Resource"]) == (
        "kinesis:PutRecord",
        "${aws_kinesis_stream.telemetry.arn}",
    )
    assert (notify["Action"], notify["Resource"]) == (
        "sqs:SendMessage",
        "${aws_sqs_queue.telemetry_lost.arn}",
    )
    role = stack.resources("aws_iam_role")["telemetry_rule"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "iot.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnEquals": {
            "aws:SourceArn": f"arn:aws:iot:{REGION}:111111111111:rule/example_dev_telemetry"
        },
    }


def test_the_function_may_read_one_stream_and_write_one_table_and_one_queue(
    stack: Template,
) -> None:
    log, read, write, notify = statements(stack.resources("aws_iam_role_policy")["telemetry"])
    assert log["Resource"] == "${aws_cloudwatch_log_group.telemetry.arn}:*"
    assert all(not each.startswith("kinesis:Put") for each in read["Action"])
    assert read["Resource"] == "${aws_kinesis_stream.telemetry.arn}"
    assert write["Action"] == "dynamodb:PutItem"
    assert write["Resource"] == (
        f"arn:aws:dynamodb:{REGION}:111111111111:table/example-dev-device-state"
    )
    assert notify["Resource"] == "${aws_sqs_queue.telemetry_failed.arn}"


def test_the_function_goes_on_behind_what_fails_and_notifies_a_queue_of_what_always_does(
    stack: Template,
) -> None:
    (mapping,) = stack.resources("aws_lambda_event_source_mapping").values()
    assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    assert mapping["bisect_batch_on_function_error"] is True
    assert mapping["starting_position"] == "TRIM_HORIZON"
    assert mapping["maximum_record_age_in_seconds"] == 48 * 3600
    assert mapping["maximum_retry_attempts"] == -1, "the age alone bounds it"
    destination = mapping["destination_config"]["on_failure"]["destination_arn"]
    assert destination == "${aws_sqs_queue.telemetry_failed.arn}"


def test_lambda_tries_for_a_week_at_the_most_however_long_the_stream_keeps_a_record(
    synthesis: Synthesis,
) -> None:
    chosen = settings(data={"stream_hours": 8760})
    stack = synthesis(chosen)[f"iot-dev-telemetry-{REGION}"]
    (mapping,) = stack.resources("aws_lambda_event_source_mapping").values()
    assert mapping["maximum_record_age_in_seconds"] == 7 * 24 * 3600
    (stream,) = stack.resources("aws_kinesis_stream").values()
    assert stream["retention_period"] == 8760


def test_the_stream_is_encrypted_and_grows_by_itself(stack: Template) -> None:
    (stream,) = stack.resources("aws_kinesis_stream").values()
    assert (stream["encryption_type"], stream["kms_key_id"]) == ("KMS", "alias/aws/kinesis")
    assert stream["stream_mode_details"] == {"stream_mode": "ON_DEMAND"}
    assert stream["retention_period"] == 48


def test_a_stream_with_shards_is_provisioned_with_as_many_and_nothing_else_changes(
    stack: Template, synthesis: Synthesis
) -> None:
    chosen = settings(regions=list(REGIONS[:3]), data={"stream_hours": 48, "stream_shards": 2})
    changed = synthesis(chosen)[stack.name]
    (stream,), (on_demand,) = (
        each.resources("aws_kinesis_stream").values() for each in (changed, stack)
    )
    assert stream == {
        **on_demand,
        "shard_count": 2,
        "stream_mode_details": {"stream_mode": "PROVISIONED"},
    }
    assert "shard_count" not in on_demand
    rest = [{**each.document["resource"], "aws_kinesis_stream": None} for each in (changed, stack)]
    assert rest[0] == rest[1]


def test_an_alarm_goes_off_before_the_oldest_record_is_given_up(
    stack: Template, synthesis: Synthesis
) -> None:
    assert _expiring(stack) == 48 * 3600 * 900
    longest = synthesis(settings(data={"stream_hours": 8760}))[stack.name]
    assert _expiring(longest) == 7 * 24 * 3600 * 900, "Lambda gives a record up after a week"


def _expiring(stack: Template) -> int:
    return stack.resources("aws_cloudwatch_metric_alarm")["telemetry_expiring"]["threshold"]


def test_the_region_s_alarms_notify_the_topic_that_the_region_s_stack_makes(
    stack: Template, synthesis: Synthesis
) -> None:
    topic = synthesis(PLATFORM)[f"iot-dev-iot-{REGION}"].resources("aws_sns_topic")["alarms"]
    arn = f"arn:aws:sns:{REGION}:111111111111:{topic['name']}"
    alarms = stack.resources("aws_cloudwatch_metric_alarm")
    assert {name: alarm["metric_name"] for name, alarm in alarms.items()} == {
        "telemetry_failed": "ApproximateNumberOfMessagesVisible",
        "telemetry_expiring": "IteratorAge",
        "telemetry_late": "IteratorAge",
        "telemetry_lost": "ApproximateNumberOfMessagesVisible",
    }
    for alarm in alarms.values():
        assert alarm["alarm_actions"] == alarm["ok_actions"] == [arn]
        assert alarm["treat_missing_data"] == "notBreaching"
