"""How a region's health is judged: the deep check, the switch, the watcher, the alarms."""

import json
from typing import Any

import pytest

from environments.settings import Settings
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

PLATFORM = settings(regions=list(REGIONS[:3]))
ENTRY_POINT = "iot-dev-entry-point"


@pytest.fixture
def stacks(synthesis: Synthesis) -> dict[str, Template]:
    return synthesis(PLATFORM)


def regional(stacks: dict[str, Template], platform: Settings = PLATFORM) -> dict[str, Template]:
    return {region: stacks[f"iot-dev-iot-{region}"] for region in platform.regions}


def only(stack: Template, type_: str) -> dict[str, Any]:
    (body,) = stack.resources(type_).values()
    return body


def test_the_deep_check_asks_the_region_s_own_api_by_https(stacks: dict[str, Template]) -> None:
    for stack in regional(stacks).values():
        check = only(stack, "aws_route53_health_check")
        assert (check["type"], check["port"], check["enable_sni"]) == ("HTTPS", 443, True)
        assert check["fqdn"] == (
            '${trimprefix(aws_apigatewayv2_api.health.api_endpoint, "https://")}'
        )
        assert check["depends_on"] == [
            "aws_lambda_permission.health",
            "aws_apigatewayv2_stage.health",
        ]
        assert stack.outputs["deep_check_id"] == "${aws_route53_health_check.deep.id}"


def test_the_path_that_is_asked_is_a_secret_of_the_region_and_the_only_route(
    stacks: dict[str, Template],
) -> None:
    for stack in regional(stacks).values():
        secret = stack.resources("terraform_data")["health_path"]
        assert secret["triggers_replace"] == "${sensitive(uuid())}"
        path = "/health/${sensitive(terraform_data.health_path.triggers_replace)}"
        assert only(stack, "aws_route53_health_check")["resource_path"] == path
        assert only(stack, "aws_apigatewayv2_route")["route_key"] == f"GET {path}"
        assert "health_path" not in json.dumps(stack.outputs)


def test_a_new_path_is_served_before_the_check_asks_it_and_the_old_one_goes_after(
    stacks: dict[str, Template],
) -> None:
    for stack in regional(stacks).values():
        secret = stack.resources("terraform_data")["health_path"]
        assert secret["lifecycle"] == {
            "create_before_destroy": True,
            "ignore_changes": ["triggers_replace"],
        }
        assert only(stack, "aws_apigatewayv2_route")["lifecycle"] == {
            "create_before_destroy": True,
            "replace_triggered_by": ["terraform_data.health_path"],
        }


def test_the_checkers_route_has_a_throttle_of_its_own_far_above_what_they_ask(
    stacks: dict[str, Template],
) -> None:
    checkers, fastest = 16, 10
    for stack in regional(stacks).values():
        stage = only(stack, "aws_apigatewayv2_stage")
        (route,) = stage["route_settings"]
        assert route["route_key"] == "${aws_apigatewayv2_route.health.route_key}"
        # The stage's own throttle is the old path's while a new one takes over.
        for throttle in (route, stage["default_route_settings"]):
            assert throttle["throttling_rate_limit"] >= 50 * checkers / fastest
            assert throttle["throttling_burst_limit"] >= 10 * checkers


def test_a_flood_pages_long_before_the_throttle_turns_checkers_away_and_never_for_their_own(
    stacks: dict[str, Template],
) -> None:
    checkers, fastest = 16, 10
    for region, stack in regional(stacks).items():
        alarm = stack.resources("aws_cloudwatch_metric_alarm")["health_flood"]
        stage = only(stack, "aws_apigatewayv2_stage")
        (route,) = stage["route_settings"]
        assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/ApiGateway", "Count")
        assert alarm["dimensions"] == {"ApiId": "${aws_apigatewayv2_api.health.id}"}
        assert (alarm["statistic"], alarm["period"], alarm["evaluation_periods"]) == ("Sum", 60, 1)
        assert alarm["comparison_operator"] == "GreaterThanOrEqualToThreshold"
        assert 5 * 60 * checkers / fastest <= alarm["threshold"]
        assert alarm["threshold"] <= 60 * route["throttling_rate_limit"] / 5
        assert alarm["treat_missing_data"] == "notBreaching"
        assert alarm["alarm_name"] == f"example-dev-health-flood-{region}"
        assert alarm["alarm_actions"] == ["${aws_sns_topic.alarms.arn}"]


def test_the_canary_publishes_through_the_region_s_own_name_as_often_as_it_is_asked(
    stacks: dict[str, Template],
) -> None:
    for region, stack in regional(stacks).items():
        function = only(stack, "aws_lambda_function")
        assert function["architectures"] == ["arm64"]
        assert function["reserved_concurrent_executions"] > 16
        assert function["environment"]["variables"] == {
            "CANARY_HOST": "${aws_route53_record.regional_name.fqdn}",
            "CANARY_TOPIC": "iot-dr/dev/canary",
            "CANARY_ENVIRONMENT": "dev",
            "CANARY_INTERVAL": "30",
        }
        record = stack.resources("aws_route53_record")["regional_name"]
        assert record["name"] == f"mqtt-{region}.iot-dev.example.com"


def test_the_functions_logs_end_after_a_time(stacks: dict[str, Template]) -> None:
    for stack in stacks.values():
        names = {f["function_name"] for f in stack.resources("aws_lambda_function").values()}
        groups = stack.resources("aws_cloudwatch_log_group").values()
        assert {group["name"] for group in groups} == {f"/aws/lambda/{name}" for name in names}
        assert all(group["retention_in_days"] == 30 for group in groups)


def test_a_shallow_region_has_neither_canary_nor_api_nor_deep_check(synthesis: Synthesis) -> None:
    stacks = synthesis(settings(health={"mode": "shallow"}))
    for stack in regional(stacks, settings()).values():
        types = {block.type for block in stack.blocks()}
        assert not types & {
            "aws_apigatewayv2_api", "aws_lambda_function", "aws_route53_health_check",
        }  # fmt: skip
        assert "deep_check_id" not in stack.outputs
    checks = stacks[ENTRY_POINT].resources("aws_route53_health_check")
    assert not [name for name in checks if "deep" in name]


def test_each_switch_stands_in_another_region_and_keeps_its_state_without_data(
    stacks: dict[str, Template],
) -> None:
    stack = stacks[ENTRY_POINT]
    for region in PLATFORM.regions:
        slot, (alarm_region, *_) = region.replace("-", "_"), PLATFORM.alarm_regions(region)
        assert alarm_region != region
        alarm_region_slot = alarm_region.replace("-", "_")
        alarms = stack.resources("aws_cloudwatch_metric_alarm")
        alarm = alarms[f"switch_{slot}_in_{alarm_region_slot}"]
        assert alarm["provider"] == f"aws.{alarm_region_slot}"
        assert (alarm["namespace"], alarm["metric_name"]) == ("IotDr/Switch/dev", "SwitchedAway")
        assert alarm["dimensions"] == {"Environment": "dev", "Region": region}
        assert alarm["treat_missing_data"] == "ignore"
        assert (alarm["period"], alarm["evaluation_periods"]) == (60, 1)
        check = stack.resources("aws_route53_health_check")[f"switch_{slot}"]
        assert check["type"] == "CLOUDWATCH_METRIC"
        assert check["cloudwatch_alarm_region"] == alarm_region
        assert check["insufficient_data_health_status"] == "LastKnownStatus"


def test_a_calculated_check_is_healthy_only_when_all_its_children_are(
    stacks: dict[str, Template],
) -> None:
    checks = stacks[ENTRY_POINT].resources("aws_route53_health_check")
    calculated = {name: body for name, body in checks.items() if body["type"] == "CALCULATED"}
    assert len(calculated) == 2 * len(PLATFORM.regions)
    for name, body in calculated.items():
        assert body["child_health_threshold"] == len(body["child_healthchecks"])
        slot = name.removeprefix("calculated_deep_").removeprefix("calculated_tcp_")
        state = f"data.terraform_remote_state.iot_dev_iot_{slot}.outputs.deep_check_id"
        first = state if "deep" in name else f"aws_route53_health_check.tcp_{slot}.id"
        assert (
            body["child_healthchecks"]
            == [
                f"${{{first}}}",
                f"${{aws_route53_health_check.switch_{slot}.id}}",
                f"${{aws_route53_health_check.switch_{slot}_second.id}}",
            ][: 1 + len(PLATFORM.alarm_regions(slot.replace("_", "-")))]
        )


def test_the_watcher_probes_the_primary_as_its_check_does_from_the_first_standby(
    synthesis: Synthesis,
) -> None:
    platform = settings(health={"interval": 10, "threshold": 4})
    stack = synthesis(platform)[ENTRY_POINT]
    function = stack.resources("aws_lambda_function")["watcher_eu_central_1"]
    state = "data.terraform_remote_state.iot_dev_iot"
    assert function["environment"]["variables"] == {
        "WATCHER_MODE": "deep",
        "WATCHER_PRIMARY": "eu-west-1",
        "WATCHER_AWAY": "eu-west-1",
        "WATCHER_KEEPERS": "eu-central-1",
        "WATCHER_REGIONS": "eu-west-1,eu-central-1",
        "WATCHER_NAME_1": f"${{{state}_eu_west_1.outputs.regional_name}}",
        "WATCHER_CHECK_1": "${aws_route53_health_check.tcp_eu_west_1.id}",
        "WATCHER_NAME_2": f"${{{state}_eu_central_1.outputs.regional_name}}",
        "WATCHER_CHECK_2": "${aws_route53_health_check.tcp_eu_central_1.id}",
        "WATCHER_DEVICE_NAME": "mqtt.iot-dev.example.com",
        "WATCHER_SWITCH": "example-dev-switch-eu-west-1",
        "WATCHER_TTL": "60",
        "WATCHER_TOPIC": "iot-dr/dev/watcher",
        "WATCHER_ENVIRONMENT": "dev",
        "WATCHER_INTERVAL": "10",
        "WATCHER_THRESHOLD": "4",
        "WATCHER_PROJECT": "example",
    }
    assert function["timeout"] > 10 * 4
    rules = stack.resources("aws_cloudwatch_event_rule").values()
    assert {rule["schedule_expression"] for rule in rules} == {"rate(1 minute)"}


def test_each_further_standby_watches_the_one_before_it_by_tcp(synthesis: Synthesis) -> None:
    stack = synthesis(settings(regions=list(REGIONS[:4])))[ENTRY_POINT]
    functions = stack.resources("aws_lambda_function")
    first, second, third, fourth = (region.replace("-", "_") for region in REGIONS[:4])
    watching = {
        name.removeprefix("watcher_"): body["environment"]["variables"]
        for name, body in functions.items()
        if name.startswith("watcher_")
    }
    assert watching.keys() == {second, third, fourth}
    assert {name: each["WATCHER_MODE"] for name, each in watching.items()} == {
        second: "deep",
        third: "shallow",
        fourth: "shallow",
    }
    assert watching[fourth]["WATCHER_PRIMARY"] == REGIONS[2]
    assert watching[fourth]["WATCHER_AWAY"] == ",".join(REGIONS[:3])
    assert watching[fourth]["WATCHER_KEEPERS"] == REGIONS[3]
    assert first not in watching


def test_the_longest_watch_fits_into_lambda_s_time(synthesis: Synthesis) -> None:
    platform = settings(health={"interval": 30, "threshold": 10}, recovery={"rto": 86400})
    functions = synthesis(platform)[ENTRY_POINT].resources("aws_lambda_function")
    function = functions["watcher_eu_central_1"]
    assert 300 < function["timeout"] <= 900


def test_without_a_latch_there_is_no_watcher(synthesis: Synthesis) -> None:
    stack = synthesis(settings(recovery={"fail_back": "auto"}))[ENTRY_POINT]
    assert not [block for block in stack.blocks() if "watcher" in block.logical_id]


def test_each_region_publishes_its_switches_each_minute_and_after_the_watchers(
    synthesis: Synthesis,
) -> None:
    stack = synthesis(settings())[ENTRY_POINT]
    for slot in ("eu_west_1", "eu_central_1"):
        name = f"publisher_{slot}"
        function = stack.resources("aws_lambda_function")[name]
        assert function["environment"]["variables"] == {
            "PUBLISHER_PROJECT": "example",
            "PUBLISHER_ENVIRONMENT": "dev",
            "PUBLISHER_REGIONS": "eu-west-1,eu-central-1",
        }
        assert "aws_lambda_function.watcher_eu_central_1" in function["depends_on"]
        # A late data point is one of a past minute: ADR 0045.
        assert function["timeout"] == 10
        alarm = stack.resources("aws_cloudwatch_metric_alarm")[name]
        assert alarm["dimensions"] == {
            "FunctionName": f"${{aws_lambda_function.{name}.function_name}}"
        }
        assert (alarm["evaluation_periods"], alarm["treat_missing_data"]) == (5, "breaching")


def test_every_alarm_notifies_a_topic_of_its_own_region(stacks: dict[str, Template]) -> None:
    for name, stack in stacks.items():
        for alarm in stack.resources("aws_cloudwatch_metric_alarm").values():
            alias = alarm["provider"].removeprefix("aws.")
            (topic,) = alarm["alarm_actions"]
            assert alarm["ok_actions"] == [topic]
            if topic == "${aws_sns_topic.alarms.arn}":
                assert only(stack, "aws_sns_topic")["provider"] == f"aws.{alias}"
            else:
                state = f"data.terraform_remote_state.iot_dev_iot_{alias}.outputs.alarm_topic_arn"
                assert (name, topic) == (ENTRY_POINT, f"${{{state}}}")


def test_the_checks_alarms_are_in_us_east_1_where_alone_their_metrics_are(
    stacks: dict[str, Template],
) -> None:
    alarms = stacks[ENTRY_POINT].resources("aws_cloudwatch_metric_alarm")
    asked = {name: alarm for name, alarm in alarms.items() if alarm["namespace"] == "AWS/Route53"}
    slots = [region.replace("-", "_") for region in PLATFORM.regions]
    assert set(asked) == {f"{what}_{slot}" for what in ("deep", "tcp") for slot in slots}
    assert {alarm["provider"] for alarm in asked.values()} == {"aws.us_east_1"}


def test_topics_are_encrypted_with_a_key_that_alarms_may_use(stacks: dict[str, Template]) -> None:
    for stack in [*regional(stacks).values(), stacks[ENTRY_POINT]]:
        topic, key = only(stack, "aws_sns_topic"), only(stack, "aws_kms_key")
        assert topic["kms_master_key_id"] == "${aws_kms_key.alarms.arn}"
        assert key["enable_key_rotation"] is True
        assert allowed(key) == {"kms:Decrypt", "kms:GenerateDataKey*"}
        assert allowed(topic) == {"sns:Publish"}


def allowed(body: dict[str, Any]) -> set[str]:
    """Return the actions that a resource's policy allows CloudWatch's alarms."""
    (actions,) = (
        statement["Action"]
        for statement in json.loads(body["policy"])["Statement"]
        if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    )
    return {actions} if isinstance(actions, str) else set(actions)


def test_each_region_watches_the_end_of_the_certificate_that_it_serves(
    stacks: dict[str, Template],
) -> None:
    for stack in regional(stacks).values():
        alarm = stack.resources("aws_cloudwatch_metric_alarm")["certificate_expiry"]
        (served,) = {
            arn
            for configuration in stack.resources("aws_iot_domain_configuration").values()
            for arn in configuration["server_certificate_arns"]
        }
        assert alarm["dimensions"] == {"CertificateArn": served}
        assert alarm["metric_name"] == "DaysToExpiry"
        assert alarm["threshold"] == 30
