"""What is planned and answered for what the deep check and IoT Core consist of."""

from collections.abc import Callable
from pathlib import Path

import pytest

from environments.provisioning_files import read
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind
from tests.iot_dr.terraform.standin.services.resources import (
    FUNCTION,
    HERE,
    TO_KINESIS,
    pattern,
    variables,
)

Kinds = Callable[[str], Kind]


def test_an_api_has_the_address_and_the_names_of_its_region(kind: Kinds) -> None:
    api = kind("aws_apigatewayv2_api")
    made = api.apply()
    host = f"{made['id']}.execute-api.eu-west-1.amazonaws.com"
    assert made["api_endpoint"] == f"https://{host}"
    assert made["arn"] == f"arn:aws:apigateway:eu-west-1::/apis/{made['id']}"
    assert made["execution_arn"] == f"arn:aws:execute-api:eu-west-1:111111111111:{made['id']}"
    socket = api.apply(protocol_type="WEBSOCKET")
    assert socket["api_endpoint"].startswith("wss://")


def test_an_api_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    planned = kind("aws_apigatewayv2_api").plan()
    assert planned["route_selection_expression"] == "$request.method $request.path"
    assert planned["api_key_selection_expression"] == "$request.header.x-api-key"
    assert planned["api_endpoint"] == UNKNOWN


def test_an_integration_waits_for_the_maximum_by_default(kind: Kinds) -> None:
    integration = kind("aws_apigatewayv2_integration")
    assert integration.apply()["timeout_milliseconds"] == 30_000
    assert integration.apply(timeout_milliseconds=2000)["timeout_milliseconds"] == 2000
    planned = integration.plan()
    assert (planned["connection_type"], planned["payload_format_version"]) == ("INTERNET", "1.0")


def test_a_route_is_open_by_default(kind: Kinds) -> None:
    planned = kind("aws_apigatewayv2_route").plan()
    assert (planned["api_key_required"], planned["authorization_type"]) == (False, "NONE")


@pytest.mark.parametrize(("name", "path"), [("$default", ""), ("live", "live")])
def test_a_stage_is_called_by_its_name_except_the_default_one(
    kind: Kinds, name: str, path: str
) -> None:
    made = kind("aws_apigatewayv2_stage").apply(name=name)
    assert made["invoke_url"] == f"https://a1.execute-api.eu-west-1.amazonaws.com/{path}"
    assert made["id"] == name
    assert made["execution_arn"].endswith(f":a1/{name}")


def test_what_a_stage_leaves_out_of_its_routes_is_off(kind: Kinds) -> None:
    stage = kind("aws_apigatewayv2_stage")
    (planned,) = stage.plan()["route_settings"]
    off = (planned["data_trace_enabled"], planned["detailed_metrics_enabled"])
    assert off == (False, False)
    (made,) = stage.apply()["route_settings"]
    assert (made["logging_level"], made["throttling_burst_limit"]) == ("", 200)


def test_a_function_has_the_names_that_others_call_it_by(kind: Kinds) -> None:
    function = kind("aws_lambda_function")
    made = function.apply()
    assert (made["id"], made["arn"], made["version"]) == ("canary", FUNCTION, "$LATEST")
    place = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions"
    assert made["invoke_arn"] == f"{place}/{FUNCTION}/invocations"
    assert made["qualified_arn"] == f"{FUNCTION}:$LATEST"
    assert function.apply(publish=True)["qualified_arn"] == f"{FUNCTION}:1"


def test_a_function_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    function = kind("aws_lambda_function")
    planned = function.plan()
    assert (planned["memory_size"], planned["timeout"]) == (128, 3)
    assert planned["reserved_concurrent_executions"] == -1
    assert planned["package_type"] == "Zip"
    for name in ("architectures", "ephemeral_storage", "logging_config", "tracing_config"):
        assert planned[name] == UNKNOWN, name
    assert function.apply()["architectures"] == ["x86_64"]


def test_variables_with_one_unknown_are_unknown_as_a_whole(kind: Kinds) -> None:
    function = kind("aws_lambda_function")
    known = function.plan(**variables(HOST="a"))
    assert known["environment"] == [{"variables": {"HOST": "a"}}]
    partly = function.plan(**variables(HOST="a", ROLE=UNKNOWN))
    assert partly["environment"] == [{"variables": UNKNOWN}]


@pytest.mark.parametrize(("given", "group"), [(None, "/aws/lambda/canary"), ("own", "own")])
def test_a_function_writes_to_the_log_group_of_its_name_by_default(
    kind: Kinds, given: str | None, group: str
) -> None:
    made = kind("aws_lambda_function").apply(
        logging_config=[{"log_format": "JSON", "log_group": given}]
    )
    (logging,) = made["logging_config"]
    assert logging["log_group"] == group
    assert logging["application_log_level"] == ""


def test_a_permission_is_known_by_its_statement(kind: Kinds) -> None:
    permission = kind("aws_lambda_permission")
    made = permission.apply(statement_id="Health")
    assert (made["id"], made["statement_id"], made["statement_id_prefix"]) == (
        *("Health", "Health"),
        "",
    )
    assert permission.apply()["id"].startswith("terraform-")
    begun = permission.apply(statement_id_prefix="health-")
    assert begun["id"].startswith("health-")
    assert begun["statement_id_prefix"] == "health-"


def test_a_rule_is_on_the_default_bus_by_default(kind: Kinds) -> None:
    rule = kind("aws_cloudwatch_event_rule")
    made = rule.apply()
    assert (made["event_bus_name"], made["id"]) == ("default", "watcher")
    assert made["arn"] == "arn:aws:events:eu-west-1:111111111111:rule/watcher"
    assert rule.apply(event_bus_name="own")["arn"].endswith(":rule/own/watcher")


def test_a_pattern_is_written_as_eventbridge_writes_it(kind: Kinds) -> None:
    planned = kind("aws_cloudwatch_event_rule").plan(**pattern(source=["<x>"], account=["1"]))
    assert planned["event_pattern"] == '{"account":["1"],"source":["<x>"]}'


def test_a_target_is_known_by_rule_and_name(kind: Kinds) -> None:
    target = kind("aws_cloudwatch_event_target")
    assert target.apply()["id"] == "watcher-function"
    assert target.apply(event_bus_name="own")["id"] == "own-watcher-function"
    nameless = target.apply(target_id=None)
    assert nameless["target_id"].startswith("terraform-")
    assert nameless["id"] == f"watcher-{nameless['target_id']}"


def test_a_log_group_is_kept_for_ever_by_default(kind: Kinds) -> None:
    group = kind("aws_cloudwatch_log_group")
    assert group.plan()["retention_in_days"] == 0
    made = group.apply(retention_in_days=30)
    assert made["arn"] == "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/canary"
    assert (made["id"], made["name_prefix"]) == ("/aws/lambda/canary", "")


def test_an_alarm_has_the_name_of_its_region(kind: Kinds) -> None:
    made = kind("aws_cloudwatch_metric_alarm").apply()
    assert made["arn"] == "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:canary"
    assert made["id"] == "canary"


def test_an_alarm_takes_missing_data_as_missing_by_default(kind: Kinds) -> None:
    planned = kind("aws_cloudwatch_metric_alarm").plan()
    assert (planned["treat_missing_data"], planned["actions_enabled"]) == ("missing", True)


def test_dimensions_with_one_unknown_are_unknown_as_a_whole(kind: Kinds) -> None:
    alarm = kind("aws_cloudwatch_metric_alarm")
    known = {"Region": "eu-west-1"}
    assert alarm.plan(dimensions=known)["dimensions"] == known
    assert alarm.plan(dimensions={**known, "Check": UNKNOWN})["dimensions"] == UNKNOWN


def test_a_rule_and_a_template_are_known_by_name(kind: Kinds) -> None:
    made = kind("aws_iot_topic_rule").apply(kinesis=[TO_KINESIS])
    assert (made["id"], made["arn"]) == ("telemetry", f"arn:aws:iot:{HERE}:rule/telemetry")
    provisioned = kind("aws_iot_provisioning_template").apply()
    assert provisioned["arn"] == f"arn:aws:iot:{HERE}:provisioningtemplate/fleet"
    assert (provisioned["type"], provisioned["enabled"]) == ("FLEET_PROVISIONING", False)


def test_a_region_has_one_configuration_of_its_events(kind: Kinds) -> None:
    assert kind("aws_iot_event_configurations").apply()["id"] == "eu-west-1"


def test_a_ca_certificate_has_an_id_as_iot_makes_them(kind: Kinds) -> None:
    authority = kind("aws_iot_ca_certificate")
    assert authority.plan()["certificate_mode"] == "DEFAULT"
    made = authority.apply()
    assert made["arn"] == f"arn:aws:iot:{HERE}:cacert/{made['id']}"
    assert len(made["id"]) == 64
    assert authority.plan()["id"] == UNKNOWN


def test_a_ca_certificate_is_known_by_its_own_hash_whatever_its_layout(kind: Kinds) -> None:
    file = Path(__file__).parents[4] / "support" / "device_ca.pem"
    known, pem = read(file).id, file.read_text(encoding="utf-8")
    for text in (pem, pem.replace("\n", "\r\n")):
        assert kind("aws_iot_ca_certificate").apply(ca_certificate_pem=text)["id"] == known
