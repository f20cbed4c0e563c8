"""The impact of changes to health checks and to the API and function behind their endpoint."""

import pytest

from iot_dr.review.impact.plan_review import review
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    BOTH_CHECK,
    FLEET,
    SWITCH_CHECK,
    TCP_CHECK,
    Json,
    device_changes,
    plan,
    reviewed,
    source,
    with_entry,
)

WARN = Verdict.WARN
API = "aws_apigatewayv2_api.health"
INTEGRATION = "aws_apigatewayv2_integration.health"
ROUTE = "aws_apigatewayv2_route.health"
STAGE = "aws_apigatewayv2_stage.health"
FUNCTION = "aws_lambda_function.canary"
PERMISSION = "aws_lambda_permission.health"
ANSWERING = (INTEGRATION, ROUTE, STAGE, PERMISSION)
SCHEDULE = "aws_lambda_permission.schedule"
OTHER = "aws_lambda_function.other"
DEEP = "aws_route53_health_check.deep"
HOST = "api1.execute-api.eu-west-1.amazonaws.com"
ARN = "arn:aws:lambda:eu-west-1:111111111111:function:canary"
STANDING: Json = {
    **FLEET,
    API: {"id": "api1", "api_endpoint": f"https://{HOST}"},
    INTEGRATION: {"id": "i1", "api_id": "api1", "integration_uri": f"{ARN}/invocations"},
    ROUTE: {"id": "r1", "api_id": "api1", "route_key": "GET /", "target": "integrations/i1"},
    STAGE: {"id": "$default", "name": "$default", "api_id": "api1", "auto_deploy": True},
    FUNCTION: {
        "id": "canary",
        "function_name": "canary",
        "arn": ARN,
        "invoke_arn": f"{ARN}/invocations",
    },
    PERMISSION: {
        "id": "HealthApi",
        "function_name": "canary",
        "principal": "apigateway.amazonaws.com",
    },
    SCHEDULE: {"id": "Every", "function_name": "canary", "principal": "events.amazonaws.com"},
    OTHER: {"id": "other_plan", "function_name": "other_plan", "invoke_arn": "arn:other"},
    DEEP: {"id": "check-deep", "type": "HTTPS", "fqdn": HOST, "tags": {"Name": "deep"}},
    BOTH_CHECK: {**FLEET[BOTH_CHECK], "child_healthchecks": ["check-deep", "check-switch"]},
}
ASKS = "the device name's PRIMARY record uses it"


@pytest.mark.parametrize(
    ("address", "verdict"),
    # Of what stays of the API, the proof knows that it answers no request.
    [(API, WARN), (FUNCTION, WARN), *((each, Verdict.BLOCK) for each in ANSWERING)],
)
def test_the_loss_of_an_endpoint_in_use_warns_or_blocks(address: str, verdict: Verdict) -> None:
    result = reviewed(plan({address: None}, standing=STANDING))
    (device_change,) = result.device_changes
    assert result.verdict is verdict
    assert device_change.subject == f"the endpoint of the health check deep, {address}"
    assert device_change.why == (
        f"nothing answers there any more, so the check reports its region unhealthy; {ASKS}"
    )


COPIED = (
    "Route 53 copies its alarm's settings again, and AWS does not document that the check keeps its"
    " last status: apply while no region is switched away"
)


@pytest.mark.parametrize("before", [None, {}, {"threshold": "2"}])
@pytest.mark.parametrize("is_unknown", [False, True])
def test_a_new_copy_of_a_switch_s_alarm_warns(before: Json | None, *, is_unknown: bool) -> None:
    old = {**FLEET[SWITCH_CHECK], "triggers": before}
    change: Json = {"actions": ["update"], "before": old, "after": FLEET[SWITCH_CHECK]}
    if is_unknown:
        unknown = {name: each for name, each in FLEET[SWITCH_CHECK].items() if name != "triggers"}
        change |= {"after": unknown, "after_unknown": {"triggers": True}}
    result = reviewed(with_entry(plan({}), SWITCH_CHECK, change))
    (device_change,) = result.device_changes
    assert result.verdict is WARN
    assert device_change.subject == "the health check switch"
    assert device_change.why.startswith(f"{COPIED}; {ASKS}")
    assert device_change.attributes


def test_triggers_of_a_check_without_an_alarm_and_of_a_new_check_copy_nothing() -> None:
    assert device_changes(plan({TCP_CHECK: {"triggers": {"a": "1"}}})) == ()
    replaced = plan({SWITCH_CHECK: {"triggers": {"a": "1"}}}, replaced={SWITCH_CHECK: "type"})
    assert COPIED not in "".join(each.why for each in device_changes(replaced))


@pytest.mark.parametrize("address", [API, FUNCTION])
def test_a_replaced_endpoint_warns_of_the_gap(address: str) -> None:
    (device_change,) = device_changes(plan({}, replaced={address: "name"}, standing=STANDING))
    assert (device_change.verdict, device_change.why) == (
        WARN,
        f"until the replacement answers, the check reports its region unhealthy; {ASKS}",
    )


def test_create_before_destroy_leaves_no_gap() -> None:
    document = plan({}, replaced={ROUTE: "route_key"}, standing=STANDING)
    entry = next(each for each in document["resource_changes"] if each["address"] == ROUTE)
    entry["change"]["actions"] = ["create", "delete"]
    assert device_changes(document) == ()


@pytest.mark.parametrize("address", [OTHER, SCHEDULE])
def test_a_function_behind_no_check_is_ignored(address: str) -> None:
    assert device_changes(plan({address: None}, standing=STANDING)) == ()


def test_the_endpoint_of_an_unused_check_is_ignored() -> None:
    standing = {**STANDING, BOTH_CHECK: FLEET[BOTH_CHECK]}
    assert device_changes(plan({API: None}, standing=standing)) == ()


def test_the_former_endpoint_of_a_check_is_ignored() -> None:
    changes: Json = {API: None, DEEP: {"fqdn": "elsewhere.example.com"}}
    (device_change,) = device_changes(plan(changes, standing=STANDING))
    assert device_change.change.address == DEEP


def test_functions_of_the_same_name_in_another_stack_are_ignored() -> None:
    other_plan = plan({FUNCTION: None}, standing={FUNCTION: STANDING[FUNCTION]})
    assert (
        review(
            source(fleet=plan({}, standing=STANDING), other_plan=other_plan), None
        ).device_changes
        == ()
    )


@pytest.mark.parametrize(
    ("type_", "argument", "value"),
    [
        ("aws_apigatewayv2_domain_name", "domain_name", HOST),
        ("aws_api_gateway_domain_name", "domain_name", HOST),
        ("aws_cloudfront_distribution", "domain_name", HOST),
        ("aws_lambda_function_url", "function_url", f"https://{HOST}/"),
        ("aws_lb", "dns_name", HOST.upper()),
    ],
)
def test_each_type_with_the_checked_host_name_is_an_endpoint(
    type_: str, argument: str, value: str
) -> None:
    address = f"{type_}.it"
    standing = {**STANDING, API: {"id": "api1"}, address: {"id": "x", argument: value}}
    (device_change,) = device_changes(plan({address: None}, standing=standing))
    assert (device_change.verdict, device_change.change.address) == (WARN, address)


def test_the_api_behind_a_custom_domain_is_an_endpoint() -> None:
    name, mapped = "aws_apigatewayv2_domain_name.it", "aws_apigatewayv2_api_mapping.it"
    standing = {
        **STANDING,
        API: {"id": "api1", "api_endpoint": "https://other.example.com"},
        name: {"id": HOST, "domain_name": HOST},
        mapped: {"id": "m1", "domain_name": HOST, "api_id": "api1"},
    }
    for address in (name, mapped, API, FUNCTION):
        (device_change,) = device_changes(plan({address: None}, standing=standing))
        assert (device_change.verdict, device_change.change.address) == (WARN, address)


def test_the_function_behind_a_function_url_is_an_endpoint() -> None:
    url = {"id": "canary", "function_url": f"https://{HOST}/", "function_name": "canary"}
    standing = {
        **STANDING,
        API: {"id": "api1", "api_endpoint": "https://other.example.com"},
        "aws_lambda_function_url.it": url,
    }
    (device_change,) = device_changes(plan({FUNCTION: None}, standing=standing))
    assert device_change.verdict is WARN


def test_a_forgotten_endpoint_stays_in_aws_unmanaged() -> None:
    (device_change,) = device_changes(plan({}, forgotten=API, standing=STANDING))
    assert "no state has it any more" in device_change.why


@pytest.mark.parametrize(
    "argument",
    [
        *("type", "fqdn", "ip_address", "port", "resource_path", "search_string"),
        *("request_interval", "failure_threshold", "regions", "measure_latency", "enable_sni"),
        *("disabled", "invert_healthcheck", "child_healthchecks", "child_health_threshold"),
        *("cloudwatch_alarm_name", "cloudwatch_alarm_region", "insufficient_data_health_status"),
        *("routing_control_arn", "reference_name"),
    ],
)
def test_each_argument_of_a_check_is_reported(argument: str) -> None:
    before = {**FLEET[TCP_CHECK], argument: ["a"]}
    change: Json = {"actions": ["update"], "before": before, "after": {**before, argument: ["b"]}}
    (device_change,) = device_changes(with_entry(plan({}), TCP_CHECK, change))
    assert device_change.verdict is Verdict.WARN
    assert device_change.why.endswith("; the device name's PRIMARY record uses it")
    assert [each.path for each in device_change.attributes] == [f"{argument}[0]"]
