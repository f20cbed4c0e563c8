"""The tests that a module is shipped with, for `terraform test`.

Its providers are mocked and every run only plans: nobody creates a resource by accident, or needs
an AWS account. Values that AWS would return are unknown in a plan, so no assertion is about one,
except the ids of health checks, which are fixed here: records refer to them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.contract import Contract, Variable
from iot_dr.emit.example import ACCOUNT, REGIONS, example_values
from modules.template import escaped

EXPECTED: Final = Path(__file__).with_name("shipped_tests.yaml")
"""The file with the expectations of each module."""

_CHECK: Final = "aws_route53_health_check."
_REFERRED: Final = re.compile(r"\bvar\.(\w+)")
# Wrong for every variable of the type that has a rule; a flag's rules involve other variables.
_WRONG: Final[Mapping[str, Any]] = {
    "string": "?",
    "number": 0.5,
    "list(string)": [],
    "map(number)": {"?": 1},
}
_ELSEWHERE: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "aws_region": ("region", {"region": "us-west-2"}),
    "aws_caller_identity": ("account", {"account_id": "999999999999"}),
}


class PlanRun(BaseModel):
    """A plan with other `variables` than the basic example's.

    `expected` are values by expression, such as `aws_route53_record.regional_name.ttl`; `same` are
    expressions with the same value, or for each item of a list. `refused` are the variables whose
    rules refuse the call.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    variables: dict[str, Any] = {}
    expected: dict[str, str | int | bool | list[str] | None] = {}
    same: dict[str, str | list[str]] = {}
    refused: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _judges_something(self) -> Self:
        if bool({**self.expected, **self.same}) == bool(self.refused):
            message = f"{self.name}: give `expected` and `same`, or `refused`"
            raise ValueError(message)
        return self


_RUNS: Final = TypeAdapter(dict[str, Annotated[tuple[PlanRun, ...], Field(min_length=1)]])


def runs(path: Path) -> Mapping[str, tuple[PlanRun, ...]]:
    """Read the runs of each module.

    Raises ValueError if they are invalid, yaml.YAMLError for text that is not YAML.
    """
    return _RUNS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))


def shipped_tests(
    blueprint: Blueprint,
    contract: Contract,
    runs: Sequence[PlanRun],
    called: Mapping[str, Contract],
) -> Mapping[str, Any]:
    """Return a module's test file as parsed JSON.

    `called` are the contracts of the modules that it calls, by address. In addition to `runs` there
    are some with wrong values of all variables with rules, and one for each provider that works in
    another region or account than the variables say.
    """
    required = [each for each in contract.variables if each.is_required]
    every = {"": contract, **{f"{address}.": each for address, each in called.items()}}
    checks = [
        {
            "target": target,
            "override_during": "plan",
            "values": {"id": f"00000000-0000-4000-9000-{number:012}"},
        }
        for number, target in enumerate(_targets(_CHECK, every), 1)
    ]
    types = {data.split(".")[1] for each in every.values() for data in each.data_sources}
    mocked = [_mock(each, types) for each in blueprint.aliases or ("aws",)]
    return {
        "mock_provider": {"aws": mocked},
        **({"override_resource": checks} if checks else {}),
        "variables": example_values(blueprint, required),
        "run": {
            **{run.name: _run(run) for run in runs},
            **dict(_refusals(contract.variables)),
            **dict(_misplaced_providers(blueprint, contract)),
        },
    }


def _targets(prefix: str, every: Mapping[str, Contract]) -> Iterator[str]:
    for place, contract in every.items():
        yield from (f"{place}{each}" for each in contract.resources if each.startswith(prefix))


def _mock(configuration: str, types: set[str]) -> dict[str, Any]:
    region = REGIONS[configuration]
    table = f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/example-dev-device-registry"
    known: Mapping[str, Mapping[str, Any]] = {
        "aws_caller_identity": {"account_id": ACCOUNT},
        "aws_dynamodb_table": {"stream_arn": f"{table}/stream/2026-01-01T00:00:00.000"},
        "aws_iot_endpoint": {"endpoint_address": f"example-ats.iot.{region}.amazonaws.com"},
        "aws_partition": {"partition": "aws"},
        "aws_region": {"region": region},
        "aws_route53_zone": {
            "name": "iot-dev.example.com",
            "zone_id": "Z0EXAMPLE",
            "name_servers": ["ns-1.example.net", "ns-2.example.net"],
        },
    }
    alias = configuration.partition(".")[2]
    data = {type_: {"defaults": known[type_]} for type_ in sorted(types)}
    return {**({"alias": alias} if alias else {}), "mock_data": data}


def _run(run: PlanRun) -> dict[str, Any]:
    expected = {place: _literal(value) for place, value in run.expected.items()}
    asserted = [
        {
            "condition": f"${{{_condition(place, value)}}}",
            "error_message": escaped(f"{place} must be {_text(value)}."),
        }
        for place, value in {**expected, **run.same}.items()
    ]
    return {
        **_planned(run.refused),
        **({"variables": run.variables} if run.variables else {}),
        **({"assert": asserted} if asserted else {}),
    }


def _literal(value: object) -> str | list[str]:
    """Return a value, or each item of a list, as an expression."""
    return [*map(_scalar, value)] if isinstance(value, list) else _scalar(value)


def _scalar(value: object) -> str:
    return escaped(json.dumps(value))


def _text(value: str | list[str]) -> str:
    return f"[{', '.join(value)}]" if isinstance(value, list) else value


def _condition(place: str, value: str | list[str]) -> str:
    # `sort` turns a set, a tuple and a list, which never equal each other, into a list.
    sides = f"sort({place})", f"sort({_text(value)})"
    return " == ".join(sides) if isinstance(value, list) else f"{place} == {value}"


def _planned(refused: Sequence[str]) -> dict[str, Any]:
    failing = {"expect_failures": [f"var.{name}" for name in refused]} if refused else {}
    return {"command": "plan", **failing}


def _refusals(variables: Sequence[Variable]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield runs that together give a wrong value to each variable with a rule.

    While a variable is wrong, Terraform ignores the rules that refer to it, directly or through
    the rules of others. So a run has no two variables of which one depends on the other.
    """
    needed = {each.name: _needed(each, variables) for each in variables}
    groups: list[dict[str, Any]] = []
    for variable in variables:
        if variable.validations and _wrong(variable.type) is not None:
            name = variable.name
            fitting = (
                group
                for group in groups
                if not any(other in needed[name] or name in needed[other] for other in group)
            )
            group = next(fitting, dict[str, Any]())
            if not group:
                groups.append(group)
            group[name] = _wrong(variable.type)
    for number, wrong in enumerate(groups, 1):
        yield f"refuses_wrong_values_{number}", {**_planned([*wrong]), "variables": wrong}


def _needed(variable: Variable, variables: Sequence[Variable]) -> set[str]:
    """Return the other variables that the rules of a variable refer to, also indirectly."""
    referred = {
        judged.name: {
            name for rule in judged.validations for name in _REFERRED.findall(rule.condition)
        }
        for judged in variables
    }
    needed, new = set[str](), {variable.name}
    while new:
        needed |= new
        new = set[str]().union(*(referred[name] for name in new)) - needed
    return needed - {variable.name}


def _wrong(type_: str) -> Any:  # noqa: ANN401 - a value of any variable
    if type_.startswith("object("):
        members = type_.removeprefix("object({").removesuffix("})").split(",")
        return {each.partition("=")[0].strip(): None for each in members}
    return _WRONG.get(type_)


def _misplaced_providers(
    blueprint: Blueprint, contract: Contract
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield runs in which a provider differs from the variable that is then refused, alone."""
    for address in contract.data_sources:
        _, type_, slot = address.split(".")
        guards = [
            variable
            for variable in contract.variables
            if any(
                f"{address}." in rule.condition and rule.error.startswith("The provider ")
                for rule in variable.validations
            )
        ]
        if guards and type_ in _ELSEWHERE:
            what, values = _ELSEWHERE[type_]
            name = f"refuses_a_provider_of_another_{what}"
            alias = "" if slot == "current" else f"_as_{slot}"
            optional = [variable for variable in guards if not variable.is_required]
            given = {"variables": example_values(blueprint, optional)} if optional else {}
            refused = _planned([variable.name for variable in guards])
            yield (
                f"{name}{alias}",
                {**refused, **given, "override_data": {"target": address, "values": values}},
            )
