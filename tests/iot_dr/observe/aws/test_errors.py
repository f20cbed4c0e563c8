"""Errors of AWS that are not in the usual form."""

from typing import Any

from botocore.exceptions import ClientError

from iot_dr.observe.aws.errors import code, status


def test_an_answer_whose_body_is_not_aws_s_own_has_a_status_and_no_code() -> None:
    answer: Any = {"ResponseMetadata": {"HTTPStatusCode": 503}}
    error = ClientError(answer, "ListSubscriptionsByTopic")
    assert (code(error), status(error)) == ("", 503)
