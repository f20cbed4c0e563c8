"""Watchers that would never put a switch, and variants that would."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from environments.loader import load
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, our_settings, ours

Resources = dict[str, dict[str, dict[str, Any]]]
ID = "watcher_eu_central_1"
FUNCTION, POLICY = "aws_lambda_function", "aws_iam_role_policy"
PERMISSION, RULE = "aws_lambda_permission", "aws_cloudwatch_event_rule"
TARGET, CENTRAL = "aws_cloudwatch_event_target", "${aws_route53_health_check.tcp_eu_central_1.id}"
ALARM = "aws_cloudwatch_metric_alarm"
SWITCH = "switch_eu_west_1_in_eu_central_1"
DOMAIN = "aws_iot_domain_configuration"
PIPELINE = load("staging", {}).pipeline
QUALIFIED = f"${{aws_lambda_function.{ID}.qualified_arn}}"


def proof_of(change: Callable[[Resources], object], stack: str = ENTRY_POINT) -> Proof:
    documents = copy.deepcopy(ours())
    change(documents[stack]["resource"])
    resources = ResourceSet(read_configuration(*each) for each in documents.items())
    (proof,) = proofs(resources, design_expectation(our_settings()))
    return proof


def with_variables(variables: Mapping[str, str]) -> Callable[[Resources], object]:
    return lambda stack: stack[FUNCTION][ID]["environment"]["variables"].update(variables)


def with_values(
    type_: str, values: Mapping[str, Any], id_: str = ID
) -> Callable[[Resources], object]:
    return lambda stack: stack[type_][id_].update(values)


def without(type_: str, id_: str = ID) -> Callable[[Resources], object]:
    return lambda stack: stack[type_].pop(id_)


def without_timeout(stack: Resources) -> None:
    del stack[FUNCTION][ID]["timeout"]


def without_variable(name: str) -> Callable[[Resources], object]:
    return lambda stack: stack[FUNCTION][ID]["environment"]["variables"].pop(name)


def of_another_namespace(stack: Resources) -> None:
    policy = stack[POLICY][ID]["policy"]
    stack[POLICY][ID]["policy"] = policy.replace("IotDr/Switch/dev", "IotDr/Switch/prod")


def without_statement(sid: str) -> Callable[[Resources], object]:
    def change(stack: Resources) -> None:
        policy = json.loads(stack[POLICY][ID]["policy"])
        policy["Statement"] = [each for each in policy["Statement"] if each.get("Sid") != sid]
        stack[POLICY][ID]["policy"] = json.dumps(policy)

    return change


def denying_all(stack: Resources) -> None:
    arn = "arn:aws:iam::aws:policy/AWSDenyAll"
    stack["aws_iam_role_policy_attachment"] = {
        "freeze": {"role": f"${{aws_iam_role.{ID}.name}}", "policy_arn": arn}
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (without(PERMISSION), "no permission lets"),
        (with_values(PERMISSION, {"principal": "iot.amazonaws.com"}), "no permission lets"),
        (with_values(PERMISSION, {"action": "lambda:GetFunction"}), "no permission lets"),
        (
            with_values(PERMISSION, {"source_arn": "${aws_sns_topic.alarms.arn}"}),
            "no permission lets",
        ),
        (
            with_values(PERMISSION, {"source_arn": f"${{aws_cloudwatch_event_rule.{ID}.id}}"}),
            "no permission lets",
        ),
        (
            with_values(PERMISSION, {"source_arn": "arn:aws:events:eu-central-1:1:rule/other"}),
            "no permission lets",
        ),
        (with_values(RULE, {"schedule_expression": "rate(5 minutes)"}), "invokes it at rate(5"),
        (with_values(RULE, {"schedule_expression": "cron(0 8 * * ? *)"}), "invokes it at cron("),
        (with_values(RULE, {"schedule_expression": "cron(0/5 * * * ? *)"}), "invokes it at cron("),
        (with_values(FUNCTION, {"timeout": 137}), "its timeout of 137 s is under 138 s"),
        (without_timeout, "its timeout of 3 s is under 138 s"),
        (with_values(FUNCTION, {"handler": "functions.watcher.handler.handlex"}), "has no handler"),
        (with_values(FUNCTION, {"runtime": "java25"}), "is java25, and its code needs Python"),
        (with_values(FUNCTION, {"runtime": "python3.9"}), "is python3.9, and its code needs"),
        (with_values(FUNCTION, {"package_type": "Image"}), "is an image, which has no handler"),
        (with_values(RULE, {"region": "eu-west-1"}), "no enabled schedule invokes it"),
        (with_values(TARGET, {"provider": "aws.eu_west_1"}), "no enabled schedule invokes it"),
        (with_values(RULE, {"event_bus_name": "own"}), "no enabled schedule invokes it"),
        (with_values(TARGET, {"arn": QUALIFIED}), "no permission lets"),
        (with_values(PERMISSION, {"qualifier": "7"}), "no permission lets"),
        (denying_all, "does not allow iot:Publish"),
        (
            with_values(RULE, {"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}),
            "no enabled schedule invokes it",
        ),
        (with_values(PERMISSION, {"provider": "aws.eu_west_1"}), "no permission lets"),
        (with_values(PERMISSION, {"function_url_auth_type": "AWS_IAM"}), "no permission lets"),
        (
            with_variables({"WATCHER_DEVICE_NAME": "mqtt.example.com"}),
            "its WATCHER_DEVICE_NAME is mqtt.example.com, not mqtt.iot-dev.example.com",
        ),
        (
            with_variables({"WATCHER_REGIONS": "eu-central-1,eu-west-1"}),
            "its WATCHER_REGIONS is eu-central-1,eu-west-1, not",
        ),
        (
            with_variables({"WATCHER_NAME_1": "mqtt-eu-north-1.iot-dev.example.com"}),
            "its name of eu-west-1 is mqtt-eu-north-1.iot-dev.example.com",
        ),
        (with_variables({"WATCHER_TTL": "30"}), "its WATCHER_TTL is 30, not 60"),
        (with_variables({"WATCHER_THRESHOLD": "7"}), "its WATCHER_THRESHOLD is 7, not 3"),
        (with_variables({"WATCHER_MODE": "shallow"}), "its WATCHER_MODE is shallow, not deep"),
        (
            with_variables({"WATCHER_CHECK_1": CENTRAL}),
            "its check of eu-west-1 is aws_route53_health_check.tcp_eu_central_1",
        ),
        (without_variable("WATCHER_CHECK_2"), "needs the variable WATCHER_CHECK_2"),
        (without_variable("WATCHER_TOPIC"), "needs the variable WATCHER_TOPIC"),
        (with_variables({"WATCHER_TOPIC": "other"}), "its role does not allow iot:Publish"),
        (
            with_variables(
                {
                    "WATCHER_NAME_1": "${data.terraform_remote_state.iot_dev_iot_eu_central_1"
                    ".outputs.regional_name}"
                }
            ),
            "its name of eu-west-1 is mqtt-eu-central-1.iot-dev.example.com",
        ),
        (
            with_variables({"WATCHER_SWITCH": "switch-of-another"}),
            "the switch of eu-west-1 is example-dev-switch-eu-west-1, not switch-of-another",
        ),
        (with_values(ALARM, {"alarm_name": "renamed"}, SWITCH), "the switch of eu-west-1 is"),
        (without_statement("PutTheSwitch"), "does not allow cloudwatch:PutMetricData"),
        (without_statement("PublishOneTopic"), "does not allow iot:Publish"),
        (without_statement("ReadTheSwitch"), "does not follow the answer"),
        (of_another_namespace, "its role does not allow cloudwatch:PutMetricData"),
        (without(POLICY), "does not allow iot:Publish"),
    ],
)
def test_an_environment_is_disproved_if_its_watcher_puts_no_switch(
    change: Callable[[Resources], object], expected: str
) -> None:
    proof = proof_of(change)
    assert not proof.is_proved
    assert expected in "\n".join(map(str, proof.notes))


def test_a_watcher_whose_own_name_is_not_served_puts_no_switch() -> None:
    proof = proof_of(without(DOMAIN, "regional_name"), FRANKFURT)
    assert "puts no switch: no domain configuration in eu-central-1 serves" in str(proof.notes[0])


def managed_policy(stack: Resources) -> None:
    stack["aws_iam_policy"] = {"own": {"name": "own", **stack[POLICY].pop(ID)}}
    stack["aws_iam_role_policy_attachment"] = {
        "own": {"role": f"${{aws_iam_role.{ID}.name}}", "policy_arn": "${aws_iam_policy.own.arn}"}
    }


def by_arn_of_aws(stack: Resources) -> None:
    del stack[POLICY][ID]
    arn = "arn:aws:iam::aws:policy/CloudWatchFullAccessV2"
    stack["aws_iam_role"][ID]["managed_policy_arns"] = [arn]


def by_version(stack: Resources) -> None:
    stack[TARGET][ID]["arn"] = QUALIFIED
    stack[PERMISSION][ID]["qualifier"] = f"${{aws_lambda_function.{ID}.version}}"


def by_alias_in_the_arn(stack: Resources) -> None:
    arn = f"${{aws_lambda_function.{ID}.arn}}:live"
    stack[TARGET][ID]["arn"] = stack[PERMISSION][ID]["function_name"] = arn


@pytest.mark.parametrize(
    "change",
    [
        by_version,
        by_alias_in_the_arn,
        with_values(FUNCTION, {"timeout": "138"}),
        with_values(RULE, {"event_bus_name": "default"}),
        with_values(RULE, {"schedule_expression": "cron(* * * * ? *)"}),
        with_values(RULE, {"schedule_expression": "cron(0/1 * ? * * *)"}),
        with_values(RULE, {"event_bus_name": "${var.bus}"}),
        with_values(PERMISSION, {"action": "lambda:*"}),
        with_values(PERMISSION, {"source_arn": "arn:aws:events:eu-central-1:1:rule/example-*"}),
        with_values(PERMISSION, {"function_name": "example-dev-watcher"}),
        with_variables({"WATCHER_NAME_1": "mqtt-eu-west-1.iot-dev.example.com"}),
        managed_policy,
        by_arn_of_aws,
    ],
)
def test_an_environment_with_a_watcher_in_another_form_is_proved(
    change: Callable[[Resources], object],
) -> None:
    proof = proof_of(change)
    assert proof.is_proved, "\n".join((*map(str, proof.violations), *map(str, proof.notes)))
    assert not proof.notes


def with_policy(old: str, new: str) -> Callable[[Resources], None]:
    def change(stack: Resources) -> None:
        policy = stack[POLICY][ID]["policy"]
        assert old in policy
        stack[POLICY][ID]["policy"] = policy.replace(old, new)

    return change


def logging_elsewhere(stack: Resources) -> None:
    stack["aws_cloudwatch_log_group"]["other"] = {"name": "/aws/lambda/other"}
    with_policy(f"group.{ID}.arn", "group.other.arn")(stack)


def without_condition(sid: str) -> Callable[[Resources], None]:
    def change(stack: Resources) -> None:
        policy = json.loads(stack[POLICY][ID]["policy"])
        (statement,) = [each for each in policy["Statement"] if each.get("Sid") == sid]
        del statement["Condition"]
        stack[POLICY][ID]["policy"] = json.dumps(policy)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (without_condition("PutTheSwitch"), "may put metrics of every namespace"),
        (without_condition("ReadTheHistory"), "may read metrics in every region"),
        (with_policy("logs:PutLogEvents", "logs:PutLogEvent"), "does not allow logs:PutLogEvents"),
        (without_statement("WriteOwnLog"), "does not allow logs:CreateLogStream"),
        (logging_elsewhere, "does not allow logs:CreateLogStream"),
    ],
)
def test_a_role_that_allows_more_or_no_logs_is_noted(
    change: Callable[[Resources], object], expected: str
) -> None:
    proof = proof_of(change)
    assert proof.is_proved
    assert expected in "\n".join(map(str, proof.notes))


def test_a_role_that_a_pipeline_may_not_create_is_noted() -> None:
    chosen = our_settings()
    documents = ours()
    resources = ResourceSet(read_configuration(*each) for each in documents.items())
    with_pipeline = chosen.model_copy(update={"pipeline": PIPELINE})
    (proof,) = proofs(resources, design_expectation(with_pipeline))
    assert any("has no permissions boundary" in str(note) for note in proof.notes)
