"""The variables that the design asks of functions are those that their handlers refuse."""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from functions.probe.variables import VariablesError
from iot_dr.design.functions import function_problem
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet

CANARY = {
    "CANARY_HOST": "mqtt-eu-west-1.example.com",
    "CANARY_TOPIC": "iot-dr/dev/canary",
    "CANARY_ENVIRONMENT": "dev",
    "CANARY_INTERVAL": "30",
}
WATCHER = {
    "WATCHER_MODE": "deep",
    "WATCHER_REGIONS": "eu-central-1,eu-west-1",
    "WATCHER_PRIMARY": "eu-central-1",
    "WATCHER_AWAY": "eu-central-1",
    "WATCHER_KEEPERS": "eu-west-1",
    "WATCHER_NAME_1": "mqtt-eu-central-1.example.com",
    "WATCHER_NAME_2": "mqtt-eu-west-1.example.com",
    "WATCHER_CHECK_1": "1",
    "WATCHER_CHECK_2": "2",
    "WATCHER_DEVICE_NAME": "mqtt.example.com",
    "WATCHER_SWITCH": "switch",
    "WATCHER_TTL": "60",
    "WATCHER_TOPIC": "iot-dr/dev/watcher",
    "WATCHER_ENVIRONMENT": "dev",
    "WATCHER_INTERVAL": "10",
    "WATCHER_THRESHOLD": "3",
}
VALUES = ("", "0")
CHANGES = [
    (package, name, value)
    for package, variables in (("canary", CANARY), ("watcher", WATCHER))
    for name in variables
    for value in (None, *VALUES)
    # The handler compares these two with its own region, which is that of the function.
    if (name, value is None or not value) != ("WATCHER_PRIMARY", False)
    and not (name == "WATCHER_REGIONS" and value in VALUES)
]


def problem(package: str, variables: Mapping[str, str]) -> str:
    function: dict[str, Any] = {
        "function_name": package,
        "handler": f"functions.{package}.handler.handle",
        "environment": {"variables": dict(variables)},
        "provider": "aws.west",
    }
    document = {
        "provider": {"aws": [{"alias": "west", "region": "eu-west-1"}]},
        "resource": {"aws_lambda_function": {"it": function}},
    }
    resources = ResourceSet([read_configuration("stack", document)])
    return function_problem(resources, next(resources.of_type("aws_lambda_function")))


def is_refused(package: str, variables: Mapping[str, str], patch: pytest.MonkeyPatch) -> bool:
    module = f"functions.{package}.handler"
    for name in CANARY if package == "canary" else WATCHER:
        patch.delenv(name, raising=False)
    for name, value in {"AWS_REGION": "eu-west-1", **variables}.items():
        patch.setenv(name, value)
    patch.delitem(sys.modules, module, raising=False)
    try:
        importlib.import_module(module)
    except VariablesError:
        return True
    return False


@pytest.mark.parametrize(("package", "name", "value"), CHANGES)
def test_a_variable_is_a_problem_if_the_handler_refuses_it(
    package: str, name: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = dict(CANARY if package == "canary" else WATCHER)
    if value is None:
        del variables[name]
    else:
        variables[name] = value
    assert bool(problem(package, variables)) == is_refused(package, variables, monkeypatch)


@pytest.mark.parametrize(("package", "variables"), [("canary", CANARY), ("watcher", WATCHER)])
def test_a_function_with_valid_variables_has_no_problem(
    package: str, variables: Mapping[str, str]
) -> None:
    assert not problem(package, variables)
