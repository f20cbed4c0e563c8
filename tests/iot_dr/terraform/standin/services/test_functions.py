from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

ROLE = "arn:aws:iam::111111111111:role/canary"
OWN = "arn:aws:lambda:eu-west-1:111111111111:function:canary"
INVOKE = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions"
ZIP = {"filename": "code.zip", "handler": "functions.canary.handle", "runtime": "python3.13"}


def variables(**named: Any) -> dict[str, Any]:
    return {"environment": [{"variables": named}]}


@pytest.fixture
def function(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_lambda_function", function_name="canary", role=ROLE, **ZIP)


@pytest.fixture
def permission(cache: SchemaCache) -> Kind:
    known = {"function_name": "canary", "action": "lambda:InvokeFunction"}
    principal = "apigateway.amazonaws.com"
    return Kind(cache, "aws_lambda_permission", principal=principal, **known)


def test_a_function_has_the_names_that_others_call_it_by(function: Kind) -> None:
    made = function.apply()
    assert (made["id"], made["arn"], made["version"]) == ("canary", OWN, "$LATEST")
    assert made["invoke_arn"] == f"{INVOKE}/{OWN}/invocations"
    assert made["qualified_arn"] == f"{OWN}:$LATEST"
    assert function.apply(publish=True)["qualified_arn"] == f"{OWN}:1"


def test_a_function_takes_the_defaults_that_a_plan_shows(function: Kind) -> None:
    planned = function.plan()
    assert (planned["memory_size"], planned["timeout"]) == (128, 3)
    assert planned["reserved_concurrent_executions"] == -1
    assert planned["package_type"] == "Zip"
    for name in ("architectures", "ephemeral_storage", "logging_config", "tracing_config"):
        assert planned[name] == UNKNOWN, name
    assert function.apply()["architectures"] == ["x86_64"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"function_name": "a b"}, "a function's name"),
        ({"function_name": "x" * 65}, "up to 64"),
        ({"role": "canary"}, "be an ARN"),
        ({"runtime": "python4"}, "python3.13"),
        ({"handler": None}, '"filename" needs "handler"'),
        ({"runtime": None}, '"filename" needs "runtime"'),
        ({"filename": None}, "one of filename, image_uri, s3_bucket"),
        ({"image_uri": "x"}, '"image_uri" conflicts with "filename"'),
        ({"architectures": ["arm"]}, "x86_64, arm64"),
        ({"architectures": ["arm64", "x86_64"]}, "1 members at most, got 2"),
        ({"memory_size": 127}, "between 128 and 10240"),
        ({"timeout": 901}, "between 1 and 900"),
        ({"reserved_concurrent_executions": -2}, "between -1"),
        (variables(AWS_REGION="eu-west-1"), "leave out what Lambda sets itself: AWS_REGION"),
        (variables(**{"1ST": "x"}), "names of two letters"),
        ({"tracing_config": [{"mode": "On"}]}, "Active, PassThrough"),
        ({"logging_config": [{"log_format": "YAML"}]}, "JSON, Text"),
        ({"layers": [ROLE] * 6}, "5 members at most"),
    ],
)
def test_a_wrong_function_is_refused(function: Kind, changes: dict[str, Any], said: str) -> None:
    assert function.refused() == ""
    assert said in function.refused(**changes)


def test_no_concurrency_and_a_container_are_right(function: Kind) -> None:
    assert function.refused(reserved_concurrent_executions=0) == ""
    container = dict.fromkeys(ZIP)
    assert function.refused(**container, package_type="Image", image_uri="x") == ""


def test_variables_with_one_unknown_are_unknown_as_a_whole(function: Kind) -> None:
    known = function.plan(**variables(HOST="a"))
    assert known["environment"] == [{"variables": {"HOST": "a"}}]
    partly = function.plan(**variables(HOST="a", ROLE=UNKNOWN))
    assert partly["environment"] == [{"variables": UNKNOWN}]


@pytest.mark.parametrize(("given", "group"), [(None, "/aws/lambda/canary"), ("own", "own")])
def test_a_function_writes_to_the_log_group_of_its_name_by_default(
    function: Kind, given: str | None, group: str
) -> None:
    made = function.apply(logging_config=[{"log_format": "JSON", "log_group": given}])
    (logging,) = made["logging_config"]
    assert logging["log_group"] == group
    assert logging["application_log_level"] == ""


def test_a_permission_is_known_by_its_statement(permission: Kind) -> None:
    made = permission.apply(statement_id="Health")
    assert (made["id"], made["statement_id"], made["statement_id_prefix"]) == (
        *("Health", "Health"),
        "",
    )
    assert permission.apply()["id"].startswith("terraform-")
    begun = permission.apply(statement_id_prefix="health-")
    assert begun["id"].startswith("health-")
    assert begun["statement_id_prefix"] == "health-"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"action": "InvokeFunction"}, "an action such as lambda:InvokeFunction"),
        ({"function_name": "a b"}, "a function's name"),
        ({"source_account": "1"}, "12 digits"),
        ({"source_arn": "api"}, "be an ARN"),
        ({"statement_id": "a b"}, "letters, digits"),
        ({"statement_id": "a", "statement_id_prefix": "b"}, "conflicts"),
        ({"function_url_auth_type": "OPEN"}, "AWS_IAM, NONE"),
    ],
)
def test_a_wrong_permission_is_refused(
    permission: Kind, changes: dict[str, Any], said: str
) -> None:
    assert permission.refused() == ""
    assert said in permission.refused(**changes)


@pytest.mark.parametrize("name", [OWN, f"{OWN}:live", "111111111111:function:canary"])
def test_a_permission_may_name_its_function_by_arn(permission: Kind, name: str) -> None:
    assert permission.refused(function_name=name) == ""


def test_what_a_change_replaces(function: Kind, permission: Kind) -> None:
    assert function.replaced_by(timeout=5, source_code_hash="new", **variables(HOST="b")) == []
    assert function.replaced_by(function_name="other") == ["function_name"]
    assert permission.replaced_by(source_arn=OWN, source_account="111111111111") == [
        "source_account",
        "source_arn",
    ]
