"""A queue: how it keeps messages, and who may send to it."""

import json
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.queue import Queue, QueueInputs, RedrivePolicy
from tests.support.synthesis import empty_stack, template

ARN = "arn:aws:sqs:eu-west-1:111111111111:example-dev-lost"


def queue(**changes: Any) -> dict[str, Any]:
    stack = empty_stack()
    given: dict[str, Any] = {
        "provider": AwsProvider(stack, "aws", region="eu-west-1"),
        "slot": "lost",
        "name": "example-dev-lost",
        "region": "eu-west-1",
        "account_id": "111111111111",
        **changes,
    }
    Queue(stack, "queue", QueueInputs(**given))
    return template(stack).resources("aws_sqs_queue")["lost"]


def statements(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(body["policy"])["Statement"]}


def test_it_is_encrypted_keeps_messages_for_two_weeks_and_refuses_whoever_has_no_tls() -> None:
    result = queue()
    assert result["sqs_managed_sse_enabled"] is True
    assert result["message_retention_seconds"] == 14 * 24 * 3600
    (only,) = statements(result).values()
    assert (only["Effect"], only["Action"], only["Resource"]) == ("Deny", "sqs:*", ARN)
    assert only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_named_rules_of_eventbridge_may_send() -> None:
    sending = statements(queue(rule_names=["one", "two"]))["RulesSend"]
    assert sending["Principal"] == {"Service": "events.amazonaws.com"}
    assert (sending["Action"], sending["Resource"]) == ("sqs:SendMessage", ARN)
    lead = "arn:aws:events:eu-west-1:111111111111:rule/"
    assert sending["Condition"] == {"ArnEquals": {"aws:SourceArn": [f"{lead}one", f"{lead}two"]}}


def test_what_fails_often_goes_to_another_queue_where_there_is_one() -> None:
    assert "redrive_policy" not in queue()
    result = queue(redrive=RedrivePolicy("arn:of-another", 5), visibility_timeout=360)
    assert json.loads(result["redrive_policy"]) == {
        "deadLetterTargetArn": "arn:of-another",
        "maxReceiveCount": 5,
    }
    assert result["visibility_timeout_seconds"] == 360
