"""All that the deep check is made of, in one stack and through real Terraform."""

import json
from typing import Any

from modules.checker_regions import CHECKER_REGIONS
from tests.iot_dr.terraform.project import Project

API = "${aws_apigatewayv2_api.health.id}"
TOPIC = "${aws_sns_topic.alarms.arn}"
ROUTE = "GET /health/0123456789abcdef"


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def function(name: str) -> dict[str, Any]:
    return {
        "function_name": name,
        "role": "${aws_iam_role.r.arn}",
        "filename": "code.zip",
        "source_code_hash": "hash",
        "handler": f"functions.{name}.handler.handle",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "environment": {"variables": {"TOPIC": TOPIC, "HOST": "mqtt.example.com"}},
    }


def alarm(name: str, **dimensions: str) -> dict[str, Any]:
    return {
        "alarm_name": name,
        "namespace": "IotDr",
        "metric_name": "Outcome",
        "dimensions": dimensions,
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": 3,
        "threshold": 1,
        "comparison_operator": "LessThanThreshold",
        "alarm_actions": [TOPIC],
    }


STACK: dict[str, Any] = {
    "aws_iam_role": {"r": {"assume_role_policy": policy(Action="sts:AssumeRole"), "name": "r"}},
    "aws_cloudwatch_log_group": {"g": {"name": "/aws/lambda/canary", "retention_in_days": 30}},
    "aws_lambda_function": {"canary": function("canary"), "watcher": function("watcher")},
    "aws_lambda_permission": {
        "api": {
            "function_name": "${aws_lambda_function.canary.function_name}",
            "action": "lambda:InvokeFunction",
            "principal": "apigateway.amazonaws.com",
            "source_arn": "${aws_apigatewayv2_api.health.execution_arn}/*/GET/health/*",
        },
        "schedule": {
            "function_name": "${aws_lambda_function.watcher.arn}",
            "action": "lambda:InvokeFunction",
            "principal": "events.amazonaws.com",
            "source_arn": "${aws_cloudwatch_event_rule.r.arn}",
            "statement_id": "schedule",
        },
    },
    "aws_apigatewayv2_api": {"health": {"name": "health", "protocol_type": "HTTP"}},
    "aws_apigatewayv2_integration": {
        "i": {
            "api_id": API,
            "integration_type": "AWS_PROXY",
            "integration_uri": "${aws_lambda_function.canary.invoke_arn}",
            "payload_format_version": "2.0",
        }
    },
    "aws_apigatewayv2_route": {
        "r": {
            "api_id": API,
            "route_key": ROUTE,
            "target": "integrations/${aws_apigatewayv2_integration.i.id}",
        }
    },
    "aws_apigatewayv2_stage": {
        "s": {
            "api_id": API,
            "name": "$default",
            "auto_deploy": True,
            "default_route_settings": {"throttling_burst_limit": 1, "throttling_rate_limit": 0.5},
            "route_settings": [{"route_key": ROUTE, "throttling_rate_limit": 100}],
        }
    },
    "aws_cloudwatch_metric_alarm": {
        "canary": alarm(
            "canary", Region="eu-west-1", HealthCheckId="${aws_route53_health_check.deep.id}"
        ),
        "switch": alarm("switch", Region="eu-west-1"),
    },
    "aws_cloudwatch_event_rule": {"r": {"name": "r", "schedule_expression": "rate(1 minute)"}},
    "aws_cloudwatch_event_target": {
        "t": {
            "rule": "${aws_cloudwatch_event_rule.r.name}",
            "arn": "${aws_lambda_function.watcher.arn}",
        }
    },
    "aws_sns_topic": {
        "alarms": {
            "name": "alarms",
            "kms_master_key_id": "${aws_kms_key.k.arn}",
            "policy": policy(Action="sns:Publish", Resource="${aws_kms_key.k.arn}"),
        }
    },
    "aws_kms_key": {"k": {"policy": policy(Action="kms:*"), "enable_key_rotation": True}},
    "aws_route53_health_check": {
        "deep": {
            "type": "HTTPS",
            "fqdn": '${trimprefix(aws_apigatewayv2_api.health.api_endpoint, "https://")}',
            "port": 443,
            "resource_path": "/health/0123456789abcdef",
            "regions": [*CHECKER_REGIONS],
        },
        "switch": {
            "type": "CLOUDWATCH_METRIC",
            "cloudwatch_alarm_name": "${aws_cloudwatch_metric_alarm.switch.alarm_name}",
            "cloudwatch_alarm_region": "eu-west-1",
            "insufficient_data_health_status": "LastKnownStatus",
        },
        "both": {
            "type": "CALCULATED",
            "child_health_threshold": 2,
            "child_healthchecks": [
                "${aws_route53_health_check.deep.id}",
                "${aws_route53_health_check.switch.id}",
            ],
        },
    },
}


def stage(**changes: Any) -> dict[str, Any]:
    return {
        **STACK,
        "aws_apigatewayv2_stage": {"s": {**STACK["aws_apigatewayv2_stage"]["s"], **changes}},
    }


def test_the_deep_check_s_stack_applies_and_plans_nothing_afterwards(project: Project) -> None:
    project.write(STACK)
    made = project.apply()
    api = made["aws_apigatewayv2_api.health"]
    assert made["aws_route53_health_check.deep"]["fqdn"] == api["api_endpoint"].removeprefix(
        "https://"
    )
    assert made["aws_cloudwatch_metric_alarm.canary"]["dimensions"]["Region"] == "eu-west-1"
    assert made["aws_lambda_function.canary"]["environment"][0]["variables"]["HOST"]
    assert project.plans_nothing()


def test_another_throttle_and_another_path_change_the_stage_in_place(project: Project) -> None:
    project.write(STACK)
    project.apply()
    routes = [{"route_key": ROUTE, "throttling_rate_limit": 200}, {"route_key": "GET /new"}]
    project.write(stage(route_settings=routes))
    changed = project.plan()
    assert changed["aws_apigatewayv2_stage.s"]["actions"] == ["update"]
    project.apply()
    assert project.plans_nothing()


def test_a_secret_of_terraform_s_own_stays_until_it_is_renewed(project: Project) -> None:
    """The provider of `terraform_data` is in Terraform; what it keeps as a trigger is marked."""
    document = {"triggers_replace": "${sensitive(uuid())}"}
    kept = {**document, "lifecycle": {"ignore_changes": ["triggers_replace"]}}
    path = "GET /health/${terraform_data.path.triggers_replace}"
    routed = {**STACK["aws_apigatewayv2_route"]["r"], "route_key": path}
    project.write({**STACK, "aws_apigatewayv2_route": {"r": routed}})
    file = project.folder / "cdk.tf.json"
    written = json.loads(file.read_text())
    written["resource"]["terraform_data"] = {"path": kept}
    file.write_text(json.dumps(written))
    made = project.apply()
    secret = made["terraform_data.path"]["triggers_replace"]["value"]
    assert made["aws_apigatewayv2_route.r"]["route_key"] == f"GET /health/{secret}"
    assert project.plans_nothing()
    changes = project.plan()
    assert changes["aws_apigatewayv2_route.r"]["after_sensitive"]["route_key"] is True
    assert changes["terraform_data.path"]["after_sensitive"] == {"triggers_replace": True}
