"""What IAM authorizes for a request."""

import json
from typing import Any

import pytest

from iot_dr.drill.play.faults import ApiRequest
from tests.conformance.calls_iam import calls
from tests.support.iam import Call

ACCOUNT = "111111111111"
HERE = {"aws:RequestedRegion": "eu-west-1"}


def request(
    service: str, method: str, path: str = "/", body: str = "", target: str = ""
) -> ApiRequest:
    headers = {"X-Amz-Target": target} if target else {}
    return ApiRequest(service, "eu-west-1", method, path, headers, body.encode())


def json_request(service: str, target: str, **body: Any) -> ApiRequest:
    return request(service, "POST", "/", json.dumps(body), target)


CASES = [
    (
        request("s3", "HEAD", "/bucket/dev/a.tfstate"),
        [("s3:GetObject", "arn:aws:s3:::bucket/dev/a.tfstate")],
    ),
    (
        request("s3", "PUT", "/bucket/dev/a.tflock?x-id=PutObject"),
        [("s3:PutObject", "arn:aws:s3:::bucket/dev/a.tflock")],
    ),
    (
        request("s3", "GET", "/bucket?encryption="),
        [("s3:GetEncryptionConfiguration", "arn:aws:s3:::bucket")],
    ),
    (
        request("s3", "GET", "/bucket?list-type=2&prefix=env%3A%2F"),
        [("s3:ListBucket", "arn:aws:s3:::bucket")],
    ),
    (
        request("apigateway", "DELETE", "/v2/apis/abc/routes/def"),
        [("apigateway:DELETE", "arn:aws:apigateway:eu-west-1::/apis/abc/routes/def")],
    ),
    (
        request("iot", "POST", "/policies/example-dev-device", "{}"),
        [("iot:CreatePolicy", f"arn:aws:iot:eu-west-1:{ACCOUNT}:policy/example-dev-device")],
    ),
    (
        request("route53", "DELETE", "/2013-04-01/healthcheck/abc"),
        [("route53:DeleteHealthCheck", "arn:aws:route53:::healthcheck/abc")],
    ),
    (request("route53", "POST", "/2013-04-01/healthcheck"), [("route53:CreateHealthCheck", "*")]),
    (
        request("iam", "POST", body="Action=GetRole&RoleName=example-dev-plan-eu-west-1"),
        [("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/iot-dr/example-dev-plan-eu-west-1")],
    ),
    (
        request("monitoring", "POST", body="Action=PutMetricAlarm&AlarmName=a"),
        [("cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:a")],
    ),
    (
        request("monitoring", "POST", body="Action=DeleteDashboards&DashboardNames.member.1=a"),
        [("cloudwatch:DeleteDashboards", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/a")],
    ),
]


@pytest.mark.parametrize(("asked", "expected"), CASES, ids=lambda each: str(each)[:60])
def test_a_request_is_an_action_on_a_resource_where_it_was_sent(
    asked: ApiRequest, expected: list[tuple[str, str]]
) -> None:
    assert list(calls(asked, ACCOUNT)) == [Call(*each, HERE) for each in expected]


def test_a_function_s_role_is_passed_and_its_tags_are_set() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/example-dev-canary-eu-west-1"
    body = json.dumps({"FunctionName": "f", "Role": role, "Tags": {"Environment": "dev"}})
    asked = list(calls(request("lambda", "POST", "/2015-03-31/functions", body), ACCOUNT))
    assert [each.action for each in asked] == [
        *("lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"),
    ]
    assert asked[1].context["aws:RequestTag/Environment"] == "dev"
    assert asked[2].resource == role
    assert asked[2].context["iam:PassedToService"] == "lambda.amazonaws.com"


def test_a_key_created_with_tags_has_no_name_yet() -> None:
    tags = [{"TagKey": "Environment", "TagValue": "dev"}]
    made, tagged = calls(json_request("kms", "TrentService.CreateKey", Tags=tags), ACCOUNT)
    assert (made.action, made.resource) == ("kms:CreateKey", "*")
    assert tagged.resource == f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/new"


def test_records_are_reported_by_name_and_type() -> None:
    xml = (
        "<ChangeBatch><Changes><Change><ResourceRecordSet><Name>MQTT.example.com.</Name>"
        "<Type>CNAME</Type></ResourceRecordSet></Change></Changes></ChangeBatch>"
    )
    path = "/2013-04-01/hostedzone/Z1/rrset"
    (asked,) = calls(request("route53", "POST", path, xml), ACCOUNT)
    prefix = "route53:ChangeResourceRecordSets"
    assert asked.resource == "arn:aws:route53:::hostedzone/Z1"
    assert asked.context[f"{prefix}NormalizedRecordNames"] == ("mqtt.example.com",)
    assert asked.context[f"{prefix}RecordTypes"] == ("CNAME",)
