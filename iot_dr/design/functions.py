"""Whether a Lambda function can run at all: its concurrency, handler, runtime and variables."""

import math
import re
from collections.abc import Mapping
from typing import Final

from functions.contract import (
    INTERVALS,
    MODES,
    CanaryVariable,
    PublisherVariable,
    RegistryVariable,
    TelemetryVariable,
    WatchedRegionVariable,
    WatcherVariable,
)
from iot_dr.design.permissions import lambda_trust
from iot_dr.terraform_json.argument import number_of, resolved_text, resolved_upper
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

RESERVED: Final = "reserved_concurrent_executions"
_PACKAGE: Final = re.compile(r"functions\.(\w+)\.")
_PYTHON: Final = re.compile(r"python3\.(\d+)")
# The minor version with all that the code imports, such as `enum.StrEnum`.
_OLDEST: Final = 11
_TEXT: Final = re.compile(r".+", re.DOTALL)
_NUMBER: Final = re.compile(r"0*[1-9][0-9]*")
_INTERVAL: Final = re.compile("|".join(map(str, INTERVALS)))
_ANY: Final = re.compile(r".*", re.DOTALL)
_OF_SOME: Final = (
    RegistryVariable.CHANGES_QUEUE,
    RegistryVariable.SHADOWS_QUEUE,
    RegistryVariable.RECONCILE_QUEUE,
    RegistryVariable.COPY_REPORTED,
    RegistryVariable.DELETION_PERCENT,
    RegistryVariable.RATE,
)
_REGISTRY: Final[Mapping[str, re.Pattern[str]]] = {
    **dict.fromkeys((name for name in RegistryVariable if name not in _OF_SOME), _TEXT),
    RegistryVariable.EXCLUDED_POLICIES: _ANY,
    RegistryVariable.EXCLUDED_CA_CERTIFICATES: _ANY,
}
# One of a former version has none, and writes no register.
_LATEST: Final = WatcherVariable.PROJECT
# What the handlers accept: a wrong value fails the initialization.
_VARIABLES: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "canary": {**dict.fromkeys(CanaryVariable, _TEXT), CanaryVariable.INTERVAL: _INTERVAL},
    "switch_publisher": dict.fromkeys(PublisherVariable, _TEXT),
    "watcher": {
        **dict.fromkeys((each for each in WatcherVariable if each != _LATEST), _TEXT),
        WatcherVariable.MODE: re.compile("|".join(MODES)),
        WatcherVariable.TTL: _NUMBER,
        WatcherVariable.INTERVAL: _INTERVAL,
        WatcherVariable.THRESHOLD: _NUMBER,
    },
    "telemetry": dict.fromkeys(TelemetryVariable, _TEXT),
    "registry_apply": {**_REGISTRY, RegistryVariable.SHADOWS_QUEUE: _TEXT},
    "registry_capture": {**_REGISTRY, RegistryVariable.CHANGES_QUEUE: _TEXT},
    "registry_reconcile": {**_REGISTRY, RegistryVariable.RECONCILE_QUEUE: _TEXT},
}


def function_problem(resources: ResourceSet, function: Resource) -> str:
    """Return why every invocation of a function fails, empty if nothing known makes it fail.

    docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (Handler, PackageType, Runtime).
    """
    values, address = function.values, function.address
    package, problem = package_of(resources, function), _start_problem(resources, function)
    if problem or not package:
        return problem
    handler = resolved_text(resources, function, values.get("handler"))
    if handler != f"functions.{package}.handler.handle":
        return f"{address} has no handler {handler}"
    if resolved_upper(resources, function, values.get("package_type")) == "IMAGE":
        return f"the package of {address} is an image, which has no handler"
    runtime = resolved_text(resources, function, values.get("runtime"))
    version = _PYTHON.fullmatch(runtime or "")
    if runtime and (version is None or int(version.group(1)) < _OLDEST):
        return f"the runtime of {address} is {runtime}, and its code needs Python 3.{_OLDEST}"
    return _variable_problem(resources, function, package)


def _start_problem(resources: ResourceSet, function: Resource) -> str:
    """Return why Lambda starts no invocation of a function, whatever its code is."""
    values, address = function.values, function.address
    if limit_of(resources, function, RESERVED) == 0:
        return f"the reserved concurrency of {address} is 0"
    role = resources.referenced(function, values.get("role"), "aws_iam_role")
    if role and lambda_trust(resources, role) is False:
        return f"the trust policy of {role.address} does not let Lambda assume it"
    return ""


def limit_of(resources: ResourceSet, function: Resource, argument: str) -> float | None:
    """Return a limit of a function, such as its `timeout`; None if it is not known.

    Without a reservation (null, or -1 in a plan and a state) the concurrency is infinite: the
    function runs as often as the region's unreserved concurrency allows, which no design declares.
    docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    number = number_of(resources, function, argument)
    is_unlimited = argument == RESERVED and number is not None and number < 0
    return math.inf if is_unlimited else number


def package_of(resources: ResourceSet, function: Resource) -> str:
    """Return the package of `functions` with a function's code, empty for the code of others."""
    handler = resolved_text(resources, function, function.values.get("handler"))
    package = _PACKAGE.match(handler or "")
    return package.group(1) if package else ""


def variables_of(function: Resource) -> Mapping[str, Json]:
    """Return the environment variables of a function, with references."""
    return mapping((block(function.values, "environment") or {}).get("variables"))


def _variable_problem(resources: ResourceSet, function: Resource, package: str) -> str:
    values = variables_of(function)
    wanted = dict(_VARIABLES.get(package, {}))
    regions = str(resources.resolve(function, values.get(WatcherVariable.REGIONS, ""))).split(",")
    if package == "watcher":
        numbers = range(1, len(regions) + 1)
        wanted |= {f"{name}{number}": _TEXT for name in WatchedRegionVariable for number in numbers}
    for name, pattern in wanted.items():
        value = resources.resolve(function, values.get(name))
        if value is None and function.change is None:
            return f"{function.address} needs the variable {name}"
        text = str(value)
        if value is not None and not has_expression(text) and not pattern.fullmatch(text):
            return f"{function.address} accepts no variable {name} of {text}"
    return ""
