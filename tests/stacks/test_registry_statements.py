"""What the functions of a region's registry may do, and what their code calls."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

import functions.registry.access
from functions.probe.variables import Variables
from functions.registry.services import services
from tests.support.settings import settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

REGION = "eu-central-1"
FUNCTIONS = ("apply", "capture", "reconcile")
# Of boto3's clients as the code names them: `self._iot.describe_thing(...)`.
CALL = re.compile(r"\b(?:_?iot|_data)\.([a-z]\w+)")
LISTS = {
    *("iot:ListCACertificates", "iot:ListCertificates", "iot:ListNamedShadowsForThing"),
    *("iot:ListPolicies", "iot:ListThingGroups", "iot:ListThingTypes", "iot:ListThings"),
}


@pytest.fixture
def stack(synthesis: Synthesis) -> Template:
    return synthesis(settings(data={}))[f"iot-dev-device-registry-{REGION}"]


def statements(stack: Template, what: str) -> list[dict[str, Any]]:
    policy = stack.resources("aws_iam_role_policy")[f"registry_{what}"]["policy"]
    return json.loads(policy)["Statement"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allowed(stack: Template, what: str, service: str) -> set[str]:
    actions = (
        action
        for statement in statements(stack, what)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    )
    return {action for action in actions if action.startswith(f"{service}:")}


def called() -> Iterator[str]:
    """Return the actions of all calls to IoT Core in the code."""
    clients = [cast("Any", boto3).client(name, REGION) for name in ("iot", "iot-data")]
    names = {k: v for each in clients for k, v in each.meta.method_to_api_mapping.items()}
    folder = Path(functions.registry.access.__path__[0])
    for file in folder.glob("*.py"):
        for name in CALL.findall(file.read_text(encoding="utf-8")):
            if name in names:
                yield f"iot:{names[name]}"


def test_the_functions_may_call_what_their_code_calls_and_nothing_else(stack: Template) -> None:
    # docs.aws.amazon.com/iot/latest/apireference/API_ListThingPrincipalsV2.html names the other
    # action as the one that the call requires.
    code = {*called(), "iot:ListThingPrincipals"}
    assert len(code) > 40
    assert {action for what in FUNCTIONS for action in allowed(stack, what, "iot")} == code


def test_only_apply_may_write_the_registry_and_only_the_reconciler_may_list_it(
    stack: Template,
) -> None:
    capture = allowed(stack, "capture", "iot")
    assert all(re.match("iot:(Describe|Get|List)", action) for action in capture)
    assert allowed(stack, "reconcile", "iot") - capture == LISTS
    apply = allowed(stack, "apply", "iot")
    assert capture < apply
    assert not apply & LISTS


def test_what_has_a_name_is_of_this_account_and_region_and_the_rest_of_this_region(
    stack: Template,
) -> None:
    for what in FUNCTIONS:
        for statement in statements(stack, what):
            if not listed(statement["Action"])[0].startswith("iot:"):
                continue
            for resource in listed(statement["Resource"]):
                if resource == "*":
                    condition = {"StringEquals": {"aws:RequestedRegion": REGION}}
                    assert statement["Condition"] == condition
                else:
                    lead = f"arn:aws:iot:{REGION}:111111111111:"
                    assert re.fullmatch(rf"{lead}(ca)?cert/\*|{lead}(policy|thing\w*)/.+", resource)


def test_apply_may_change_no_policy_that_terraform_owns(
    stack: Template, synthesis: Synthesis
) -> None:
    iot = synthesis(settings(data={}))[f"iot-dev-iot-{REGION}"]
    name = iot.resources("aws_iot_policy")["device"]["name"]
    (denied,) = (each for each in statements(stack, "apply") if each["Effect"] == "Deny")
    assert denied["Resource"] == [f"arn:aws:iot:{REGION}:111111111111:policy/{name}"]
    changes = {
        action
        for action in allowed(stack, "apply", "iot")
        if re.fullmatch(r"iot:(Create|Delete|SetDefault)Policy(Version)?", action)
    }
    assert set(denied["Action"]) == changes
    for what in FUNCTIONS:
        function = stack.resources("aws_lambda_function")[f"registry_{what}"]
        assert function["environment"]["variables"]["REGISTRY_EXCLUDED_POLICIES"] == name


COUNTS = "dynamodb:UpdateItem"


def test_rows_are_read_by_the_entity_and_all_together_by_the_reconciler_alone(
    stack: Template,
) -> None:
    rows = {"dynamodb:PutItem", "dynamodb:Query"}
    assert allowed(stack, "capture", "dynamodb") == rows
    assert allowed(stack, "reconcile", "dynamodb") == {*rows, "dynamodb:Scan", COUNTS}
    stream = allowed(stack, "apply", "dynamodb") - rows
    assert stream == {
        COUNTS,
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
        "dynamodb:ListStreams",
    }


def test_each_receives_from_its_own_queues_and_sends_where_its_code_sends(stack: Template) -> None:
    def of(what: str, action: str) -> set[str]:
        results = {
            resource
            for statement in statements(stack, what)
            if f"sqs:{action}" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        return {re.sub(r"\$\{aws_sqs_queue\.registry_(\w+)\.arn}", r"\1", each) for each in results}

    assert [of(what, "ReceiveMessage") for what in FUNCTIONS] == [
        {"retry", "apply_shadows"},
        {"changes", "shadows"},
        {"reconcile"},
    ]
    assert of("apply", "SendMessage") == {"parked", "retry", "apply_shadows"}
    assert of("capture", "SendMessage") == {"parked", "retry", "changes"}
    assert of("reconcile", "SendMessage") == {"parked", "retry", "reconcile"}
    assert of("apply", "ChangeMessageVisibility") == {"retry", "apply_shadows"}
    assert of("capture", "ChangeMessageVisibility") == {"changes"}


@pytest.mark.parametrize("what", FUNCTIONS)
def test_each_has_the_variables_that_its_code_reads(what: str, stack: Template) -> None:
    function = stack.resources("aws_lambda_function")[f"registry_{what}"]
    given: dict[str, str] = function["environment"]["variables"]
    variables = Variables({**given, "AWS_REGION": REGION})
    made = services(variables)
    name, queue = {
        "capture": ("CHANGES", "changes"),
        "apply": ("SHADOWS", "apply_shadows"),
        "reconcile": ("RECONCILE", "reconcile"),
    }[what]
    url = variables.text(f"REGISTRY_{name}_QUEUE")
    assert url == f"${{aws_sqs_queue.registry_{queue}.url}}"
    variables.raise_if_invalid()
    assert made.account_id == "111111111111"
    assert made.is_in_environment
    assert made.table.name == "example-dev-device-registry"
    assert (made.retry.url, made.dead_letters.url) == (
        "${aws_sqs_queue.registry_retry.url}",
        "${aws_sqs_queue.registry_parked.url}",
    )
