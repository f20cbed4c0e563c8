"""Health checks of an HTTP API: what they need to pass, and the forms in which they may."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from functions.canary.canary import Canary
from functions.probe.result import Outcome, Result
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.functions.world import Log, Time
from tests.iot_dr.rules.designs import IRELAND, our_settings, ours

Resources = dict[str, dict[str, dict[str, Any]]]
Change = Callable[[Resources], object]
API, STAGE = "aws_apigatewayv2_api", "aws_apigatewayv2_stage"
ROUTE, INTEGRATION = "aws_apigatewayv2_route", "aws_apigatewayv2_integration"
PERMISSION, FUNCTION = "aws_lambda_permission", "aws_lambda_function"
CHECK, POLICY = "aws_route53_health_check", "aws_iam_role_policy"
CANARY_ARN = "arn:aws:lambda:eu-west-1:111111111111:function:example-dev-canary"
NONE = {"throttling_rate_limit": 0, "throttling_burst_limit": 200}
FEW = {"throttling_rate_limit": 100, "throttling_burst_limit": 15}


def proof_of(*changes: Change) -> Proof:
    documents = copy.deepcopy(ours())
    for change in changes:
        change(documents[IRELAND]["resource"])
    resources = ResourceSet(read_configuration(*each) for each in documents.items())
    (proof,) = proofs(resources, design_expectation(our_settings()))
    return proof


def with_values(type_: str, values: Mapping[str, Any], id_: str = "health") -> Change:
    return lambda stack: stack[type_][id_].update(values)


def without(type_: str, id_: str = "health") -> Change:
    return lambda stack: stack[type_].pop(id_)


def with_variables(variables: Mapping[str, str]) -> Change:
    return lambda stack: stack[FUNCTION]["canary"]["environment"]["variables"].update(variables)


def path(text: str) -> Change:
    return with_values(CHECK, {"resource_path": text}, "deep")


def without_requests(stack: Resources) -> None:
    stack[STAGE]["health"]["route_settings"][0].update(NONE)


def route(key: str) -> Change:
    return with_values(ROUTE, {"route_key": key})


def allowed(*statements: Mapping[str, Any]) -> Change:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return with_values(POLICY, {"policy": policy}, "canary")


def source(below: str, resource: str = "aws_apigatewayv2_api.health") -> Change:
    return with_values(PERMISSION, {"source_arn": f"${{{resource}.execution_arn}}{below}"})


PUBLISH = {"Effect": "Allow", "Action": ["iot:Publish"], "Resource": "*"}
TOPIC = "arn:aws:iot:eu-west-1:111111111111:topic/iot-dr/dev/canary"
EU_NORTH = {"StringEquals": {"aws:RequestedRegion": "eu-north-1"}}


def bounded(*statements: Mapping[str, Any]) -> Change:
    """Give the canary's role a boundary, by its ARN."""

    def change(stack: Resources) -> None:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        stack["aws_iam_policy"] = {"limit": {"name": "limit", "path": "/x/", "policy": policy}}
        arn = "arn:aws:iam::111111111111:policy/x/limit"
        stack["aws_iam_role"]["canary"]["permissions_boundary"] = arn

    return change


def trusting(service: str, account: str | None = None) -> Change:
    """Let a service assume the canary's role, for resources of `account` alone."""
    principal = {"Service": service}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    condition = {"StringEquals": {"aws:SourceAccount": account}} if account else {}
    policy = json.dumps({"Statement": [{**statement, "Condition": condition}]})

    def change(stack: Resources) -> None:
        bounded(PUBLISH)(stack)
        stack["aws_iam_role"]["canary"]["assume_role_policy"] = policy

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (with_values(API, {"disable_execute_api_endpoint": True}), "endpoint of aws_apigatewayv2"),
        (with_values(API, {"protocol_type": "WEBSOCKET"}), "is a WebSocket API"),
        (with_values(STAGE, {"name": "prod"}), "no stage of aws_apigatewayv2_api.health serves"),
        (with_values(STAGE, {"default_route_settings": NONE, "route_settings": []}), "is 0"),
        (
            without_requests,
            "aws_apigatewayv2_stage.health admits too few requests of aws_apigatewayv2",
        ),
        (
            with_values(STAGE, {"default_route_settings": FEW, "route_settings": []}),
            "throttling_burst_limit is 15",
        ),
        (with_values(INTEGRATION, {"integration_type": "MOCK"}), "is MOCK, not AWS_PROXY"),
        (
            with_values(INTEGRATION, {"integration_type": "HTTP_PROXY"}),
            "is HTTP_PROXY, not AWS_PROXY",
        ),
        (with_values(INTEGRATION, {"integration_method": "GET"}), "is GET, not POST"),
        (with_values(INTEGRATION, {"connection_type": "VPC_LINK"}), "is VPC_LINK, not INTERNET"),
        (
            with_values(ROUTE, {"target": "other/${aws_apigatewayv2_integration.health.id}"}),
            "has no",
        ),
        (with_variables({"CANARY_INTERVAL": "15"}), "accepts no variable CANARY_INTERVAL of 15"),
        (with_variables({"CANARY_TOPIC": ""}), "accepts no variable CANARY_TOPIC"),
        (with_values(FUNCTION, {"handler": "functions.canary.handler.other"}, "canary"), "handler"),
        (with_values(PERMISSION, {"action": "lambda:GetFunction"}), "no permission lets API"),
        (
            with_values(
                PERMISSION, {"source_arn": "arn:aws:execute-api:eu-west-1:111111111111:other/*"}
            ),
            "no permission lets API",
        ),
        (
            with_values(PERMISSION, {"source_arn": "${aws_lambda_function.canary.arn}/*"}),
            "no permission lets API",
        ),
        (with_values(PERMISSION, {"function_name": "example-dev-other"}), "no permission lets API"),
        (with_values(PERMISSION, {"principal": "events.amazonaws.com"}), "no permission lets API"),
        (with_values(PERMISSION, {"qualifier": "7"}), "no permission lets API"),
        (source("/*/POST/health/*"), "no permission lets API Gateway invoke"),
        (source("/*/GET/other/*"), "no permission lets API Gateway invoke"),
        (source("/prod/GET/health/*"), "no permission lets API Gateway invoke"),
        (source(""), "no permission lets API Gateway invoke"),
        (with_values(STAGE, {"auto_deploy": False}), "has no stage"),
        (with_values(ROUTE, {"target": None}), "aws_apigatewayv2_route.health has no integration"),
        (without(INTEGRATION), "aws_apigatewayv2_route.health has no integration"),
        (allowed(), "does not allow iot:Publish"),
        (allowed({**PUBLISH, "Action": "iot:Connect"}), "does not allow iot:Publish"),
        (allowed(PUBLISH, {**PUBLISH, "Effect": "Deny"}), "does not allow iot:Publish"),
        (allowed({**PUBLISH, "Resource": TOPIC.replace("west", "north")}), "does not allow"),
        (allowed({**PUBLISH, "Resource": f"{TOPIC}2"}), "does not allow iot:Publish"),
        (allowed({**PUBLISH, "Condition": EU_NORTH}), "does not allow iot:Publish"),
        (bounded({**PUBLISH, "Action": "s3:*"}), "does not allow iot:Publish"),
        (trusting("iot.amazonaws.com"), "canary does not let Lambda assume it"),
        (
            trusting("lambda.amazonaws.com", "999999999999"),
            "the trust policy of aws_iam_role.canary does not let Lambda assume it",
        ),
        (without(POLICY, "canary"), "does not allow iot:Publish"),
        (route("GET /{any}"), "no route of"),
    ],
)
def test_a_check_that_never_passes_is_disproved(change: Change, expected: str) -> None:
    proof = proof_of(change)
    assert not proof.is_proved
    assert expected in "\n".join(proof.violations[0].reasons)


@pytest.mark.parametrize(
    "changes",
    [
        (route("GET /{proxy+}"), source("/*/*/{proxy+}")),
        (route("$default"), source("/$default/$default")),
        (route("ANY /a/{name}/c"), path("/a/b/c"), source("/*/GET/a/*")),
        (route("GET /health"), path("/health?from=route53&x=1"), source("/*")),
        (
            route("GET /health"),
            path("/prod/health"),
            with_values(STAGE, {"name": "prod"}),
            source("/prod/GET/health"),
        ),
        (source("/GET/health/*", "aws_apigatewayv2_stage.health"),),
        (with_values(PERMISSION, {"function_name": "example-dev-canary"}),),
        (with_values(PERMISSION, {"function_name": CANARY_ARN}),),
        (with_values(PERMISSION, {"action": "lambda:*"}),),
        (with_values(PERMISSION, {"source_arn": "arn:aws:execute-api:eu-west-1:1:*/*/GET/*"}),),
        (with_values(INTEGRATION, {"integration_uri": CANARY_ARN}),),
        (with_values(INTEGRATION, {"integration_method": "POST", "connection_type": "INTERNET"}),),
        (with_values(STAGE, {"auto_deploy": None, "deployment_id": "abc"}),),
        (allowed({**PUBLISH, "Action": "iot:Pub*"}),),
        (allowed({**PUBLISH, "Resource": TOPIC}),),
        (allowed(PUBLISH, {**PUBLISH, "Effect": "Deny", "Condition": EU_NORTH}),),
        (bounded(PUBLISH),),
        (trusting("lambda.amazonaws.com", "111111111111"),),
        (allowed({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),),
        (
            with_values(API, {"target": "${aws_lambda_function.canary.arn}"}),
            source("/*/$default"),
            *(without(type_) for type_ in (STAGE, ROUTE, INTEGRATION)),
        ),
    ],
)
def test_a_check_that_passes_in_another_form_is_proved(changes: tuple[Change, ...]) -> None:
    proof = proof_of(*changes)
    assert proof.is_proved, "\n".join(proof.violations[0].reasons)
    # Some of these roles allow nothing but what the check needs.
    assert [note for note in proof.notes if "writes no logs" not in str(note)] == []


def test_an_integration_with_a_role_needs_no_permission_and_its_role_is_not_read() -> None:
    changes = (with_values(INTEGRATION, {"credentials_arn": "arn"}), without(PERMISSION))
    proof = proof_of(*changes)
    assert proof.is_proved
    assert "credentials_arn is not read" in str(proof.notes[0])


def planned_after_an_apply(*changes: Change) -> Proof:
    """Return the proof of a design in which the route's target is a value with a known origin."""
    documents = copy.deepcopy(ours())
    for change in changes:
        change(documents[IRELAND]["resource"])
    stacks = {name: read_configuration(name, each) for name, each in documents.items()}
    resources = tuple(
        replace(
            resource,
            values={**resource.values, "target": "integrations/a1b2c3"},
            origins={"integrations/a1b2c3": resource.values["target"]},
        )
        if resource.type == ROUTE
        else resource
        for resource in stacks[IRELAND].resources
    )
    stacks[IRELAND] = replace(stacks[IRELAND], resources=resources)
    (proof,) = proofs(ResourceSet(stacks.values()), design_expectation(our_settings()))
    return proof


def test_a_target_that_a_plan_knows_leads_to_its_integration() -> None:
    proof = planned_after_an_apply()
    assert (proof.is_proved, proof.notes) == (True, ())
    assert not planned_after_an_apply(without(PERMISSION)).is_proved


def test_the_most_specific_route_answers() -> None:
    def other(stack: Resources) -> None:
        stack[ROUTE]["all"] = {
            **stack[ROUTE]["health"],
            "route_key": "ANY /{proxy+}",
            "authorization_type": "AWS_IAM",
        }

    assert proof_of(other).is_proved
    assert not proof_of(other, route("GET /other")).is_proved


def test_the_route_of_a_quick_create_api_must_serve_the_path() -> None:
    changes = (
        with_values(API, {"target": CANARY_ARN, "route_key": "GET /other"}),
        *(without(type_) for type_ in (STAGE, ROUTE, INTEGRATION)),
    )
    assert "no route of" in "\n".join(proof_of(*changes).violations[0].reasons)


def test_a_path_of_another_secret_is_not_served() -> None:
    def other_secret(stack: Resources) -> None:
        stack["terraform_data"]["other"] = stack["terraform_data"]["health_path"]

    text = "/health/${sensitive(terraform_data.other.triggers_replace)}"
    proof = proof_of(other_secret, path(text))
    assert "no route of" in "\n".join(proof.violations[0].reasons)


def with_text(text: str) -> Proof:
    values = {"type": "HTTPS_STR_MATCH", "search_string": text}
    return proof_of(with_values(CHECK, values, "deep"))


def test_a_text_that_the_canary_answers_is_found() -> None:
    time, log = Time(), Log()
    canary = Canary(lambda: Result(Outcome.OK), 30, time.now, log.metrics())
    body = canary.respond()["body"]
    for text in (body, '"ok"', '"age": 1.25'):
        proof = with_text(text)
        assert proof.is_proved
        assert not proof.notes


def test_a_text_that_the_canary_does_not_answer_is_never_found() -> None:
    proof = with_text("healthy")
    assert not proof.is_proved
    assert "searches for healthy, which aws_lambda" in "\n".join(proof.violations[0].reasons)


def test_a_searched_text_that_is_not_known_is_noted() -> None:
    assert "is assumed to find ${var.text} in the answer" in str(with_text("${var.text}").notes[0])
