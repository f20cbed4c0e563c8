"""What Terraform is told of the schema when all stacks of a run are known."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.provider import StandinProvider
from iot_dr.terraform.standin.sources import Bindings
from iot_dr.terraform.standin.wire import FieldValue, fields, parse

_PROVIDER, _RESOURCE, _DATA, _CAPABILITIES = 1, 2, 3, 6


@pytest.fixture
def small(folder: Path, small_bindings: Bindings) -> SchemaCache:
    """A schema of one resource type and one data source."""
    return SchemaCache(folder, small_bindings)


def described(cache: SchemaCache, scope: Path | None, *stacks: Any) -> list[tuple[int, FieldValue]]:
    """Give the fields of the response to `GetSchema`, after stacks were written into the scope."""
    for number, stack in enumerate(stacks):
        assert scope
        (scope / f"out/stacks/{number}").mkdir(parents=True)
        text = stack if isinstance(stack, str) else json.dumps(stack)
        (scope / f"out/stacks/{number}/cdk.tf.json").write_text(text)
    return list(fields(StandinProvider(cache, scope).answer("GetSchema", b"")))


def kinds(response: list[tuple[int, FieldValue]]) -> list[int]:
    return [number for number, _ in response]


def test_the_types_that_stacks_use_are_described_as_ever_and_no_others(
    small: SchemaCache, tmp_path: Path
) -> None:
    whole = described(small, None)
    assert kinds(whole) == [_PROVIDER, _DATA, _RESOURCE, _CAPABILITIES]
    resource: Any = {"resource": {"aws_route53_zone": {}, "terraform_data": {}}}
    assert described(small, tmp_path, resource) == [e for e in whole if e[0] != _DATA]
    data: Any = {"data": {"aws_route53_zone": {}, "terraform_remote_state": {}}}
    both = tmp_path / "both"
    assert described(small, both, resource, data) == whole
    alone = tmp_path / "alone"
    assert described(small, alone, data) == [e for e in whole if e[0] != _RESOURCE]
    (_, capabilities) = whole[-1]
    assert isinstance(capabilities, bytes)
    assert parse(capabilities) == {1: 1, 2: 1}


@pytest.mark.parametrize(
    "stack",
    [{"resource": {"aws_route53_zon": {}}}, {"module": {"m": {"source": "./m"}}}, "{"],
    ids=["unknown type", "module", "no JSON"],
)
def test_every_type_is_described_where_the_stacks_do_not_say_all(
    small: SchemaCache, tmp_path: Path, stack: object
) -> None:
    assert described(small, tmp_path, stack) == described(small, None)
