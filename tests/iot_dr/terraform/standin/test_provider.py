import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import Bindings, SchemaCache
from iot_dr.terraform.standin.provider import PRIVATE_MARK, StandinProvider, reshaped
from iot_dr.terraform.standin.schema import Attribute, NestedBlock, SchemaBlock
from iot_dr.terraform.standin.values import decode_value, encode_value
from iot_dr.terraform.standin.wire import FieldValue, encode_field, encode_message, fields, parse

_PROVIDER, _RESOURCE, _DATA, _CAPABILITIES = 1, 2, 3, 6


@pytest.fixture
def small(folder: Path, small_bindings: Bindings) -> SchemaCache:
    """A schema of one resource type and one data source."""
    return SchemaCache(folder, small_bindings)


def described(cache: SchemaCache, scope: Path | None, *stacks: Any) -> list[tuple[int, FieldValue]]:
    """The fields of the response to `GetSchema`, after stacks were written into the scope."""
    for number, stack in enumerate(stacks):
        assert scope
        (scope / f"out/stacks/{number}").mkdir(parents=True)
        text = stack if isinstance(stack, str) else json.dumps(stack)
        (scope / f"out/stacks/{number}/cdk.tf.json").write_text(text)
    folders = [scope] if scope else []
    return list(fields(StandinProvider(cache, folders).answer("GetSchema", b"")))


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
    check: Any = {"check": {"zone": {"data": {"aws_route53_zone": {}}, "assert": []}}}
    assert described(small, tmp_path / "check", check) == described(small, alone)
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


def state(*modes: str) -> str:
    resources = [{"mode": mode, "type": "aws_route53_zone"} for mode in modes]
    return json.dumps({"version": 4, "resources": resources})


def test_the_types_in_states_are_described_too(small: SchemaCache, tmp_path: Path) -> None:
    whole = described(small, None)
    folder = tmp_path / "s3" / "bucket" / ".terraform"
    folder.mkdir(parents=True)
    # Terraform keeps a backend's settings in a file of that name.
    (folder / "terraform.tfstate").write_text('{"version": 3, "backend": {}}')
    file = folder.with_name("zone.tfstate")
    expected = {
        state(): [_PROVIDER, _CAPABILITIES],
        state("managed"): [_PROVIDER, _RESOURCE, _CAPABILITIES],
        state("data"): [_PROVIDER, _DATA, _CAPABILITIES],
        state("data", "managed"): kinds(whole),
        state("of another version"): kinds(whole),
        '{"version"': kinds(whole),
    }
    for text, fields_ in expected.items():
        file.write_text(text)
        assert kinds(described(small, tmp_path)) == fields_


_INNER = SchemaBlock({"name": Attribute("string"), "new": Attribute("number")})
_BLOCK = SchemaBlock(
    {
        "label": Attribute("string"),
        "new": Attribute("bool"),
        "hosts": Attribute(["set", ["object", {"ip": "string", "new": "string"}]]),
        "limits": Attribute(["map", ["list", "number"]]),
    },
    {
        "one": NestedBlock("single", 0, 0, _INNER),
        "some": NestedBlock("list", 0, 0, _INNER),
        "unordered": NestedBlock("set", 0, 0, _INNER),
        "named": NestedBlock("map", 0, 0, _INNER),
    },
)
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("label", "new", "hosts", "limits", "one", "named")),
    "some": [],
    "unordered": [],
}


def test_of_nothing_it_is_a_block_with_nothing_set() -> None:
    assert reshaped(_BLOCK, {}) == _EMPTY


@pytest.mark.parametrize(
    ("name", "stored", "expected"),
    [
        ("label", "x", "x"),
        ("gone", "x", None),
        ("hosts", [{"ip": "::1", "gone": 1}], [{"ip": "::1", "new": None}]),
        ("limits", {"a": [1, 2]}, {"a": [1, 2]}),
        ("one", {"name": "x", "gone": 1}, {"name": "x", "new": None}),
        (
            "some",
            [{"name": "x"}, {"new": 2}],
            [{"name": "x", "new": None}, {"name": None, "new": 2}],
        ),
        ("unordered", [{"name": "x"}], [{"name": "x", "new": None}]),
        ("named", {"k": {"name": "x"}}, {"k": {"name": "x", "new": None}}),
    ],
)
def test_what_is_gone_is_dropped_and_what_is_new_is_null_however_deep(
    name: str, stored: Any, expected: Any
) -> None:
    made = reshaped(_BLOCK, {name: stored})
    assert made == {**_EMPTY, **({name: expected} if name in _EMPTY else {})}


@pytest.mark.parametrize("stored", [None, "text", 7, [], {}])
def test_a_value_of_another_type_is_left_for_terraform_to_refuse(stored: Any) -> None:
    assert reshaped(_BLOCK, {"label": stored})["label"] == stored
    assert reshaped(_BLOCK, {"some": stored})["some"] == []


@pytest.fixture(scope="session")
def small_cache(tmp_path_factory: pytest.TempPathFactory, small_bindings: Bindings) -> SchemaCache:
    return SchemaCache(tmp_path_factory.mktemp("cache") / "standin", small_bindings)


@pytest.fixture
def provider(small_cache: SchemaCache) -> StandinProvider:
    return StandinProvider(small_cache)


def message_in(response: bytes, number: int) -> bytes:
    field_value = parse(response)[number]
    assert isinstance(field_value, bytes)
    return field_value


@pytest.mark.parametrize(
    ("method", "request_", "field_number"),
    [
        ("PlanResourceChange", b"\xff", 4),
        ("PlanResourceChange", encode_field(1, "aws_nothing"), 4),
        ("ApplyResourceChange", encode_field(1, "aws_nothing"), 3),
        ("ReadDataSource", encode_field(1, "aws_route53_zone") + encode_message(2, b"\xff"), 2),
        ("UpgradeResourceState", encode_field(1, "aws_route53_zone") + encode_message(3, b""), 2),
    ],
    ids=["no message", "unknown type", "unknown type at apply", "no value", "no state"],
)
def test_a_failure_inside_becomes_a_diagnostic(
    provider: StandinProvider, method: str, request_: bytes, field_number: int
) -> None:
    diagnostic = parse(message_in(provider.answer(method, request_), field_number))
    assert diagnostic[1] == 1
    assert diagnostic[2] == b"The stand-in provider failed"
    assert method.encode() in bytes(diagnostic[3])


def test_a_state_of_an_older_schema_is_brought_up_to_date(provider: StandinProvider) -> None:
    raw = b'{"id": "Z1", "name": "e.com", "gone": true, "vpc": [{"vpc_id": "v"}]}'
    request = encode_field(1, "aws_route53_zone") + encode_message(3, encode_field(1, raw))
    answer = provider.answer("UpgradeResourceState", request)
    state = decode_value(message_in(answer, 1))
    assert (state["id"], state["name"]) == ("Z1", "e.com")
    assert "gone" not in state
    assert state["enable_accelerated_recovery"] is None
    assert state["vpc"] == [{"vpc_id": "v", "vpc_region": None}]


def test_an_imported_resource_bears_the_mark(provider: StandinProvider) -> None:
    config: dict[str, Any] = {
        "region": "eu-west-1",
        "default_tags": [],
        "allowed_account_ids": None,
    }
    provider.answer("Configure", encode_message(2, encode_value(config)))
    request = encode_field(1, "aws_route53_zone") + encode_field(2, "Z42")
    imported = parse(message_in(provider.answer("ImportResourceState", request), 1))
    assert imported[3] == PRIVATE_MARK
    assert decode_value(bytes(imported[2]))["id"] == "Z42"


def test_a_destroyed_resource_is_gone(provider: StandinProvider) -> None:
    prior = {"id": "Z1"}
    request = (
        encode_field(1, "aws_route53_zone")
        + encode_message(2, encode_value(prior))
        + encode_message(3, encode_value(None))
    )
    assert decode_value(message_in(provider.answer("ApplyResourceChange", request), 1)) is None


def test_a_read_of_what_is_not_there_stays_nothing(provider: StandinProvider) -> None:
    request = encode_field(1, "aws_route53_zone") + encode_message(2, encode_value(None))
    answer = provider.answer("ReadResource", request)
    assert decode_value(message_in(answer, 1)) is None
    assert 2 not in parse(answer)
