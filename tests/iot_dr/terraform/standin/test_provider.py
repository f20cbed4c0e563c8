from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.provider import PRIVATE_MARK, StandinProvider
from iot_dr.terraform.standin.sources import Bindings
from iot_dr.terraform.standin.values import decode_value, encode_value
from iot_dr.terraform.standin.wire import delimited, field, parse


@pytest.fixture(scope="session")
def small_cache(tmp_path_factory: pytest.TempPathFactory, small_bindings: Bindings) -> SchemaCache:
    return SchemaCache(tmp_path_factory.mktemp("cache") / "standin", small_bindings)


@pytest.fixture
def provider(small_cache: SchemaCache) -> StandinProvider:
    return StandinProvider(small_cache)


def message_in(response: bytes, number: int) -> bytes:
    found = parse(response)[number]
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize(
    ("method", "request_", "field_number"),
    [
        ("PlanResourceChange", b"\xff", 4),
        ("PlanResourceChange", field(1, "aws_nothing"), 4),
        ("ApplyResourceChange", field(1, "aws_nothing"), 3),
        ("ReadDataSource", field(1, "aws_route53_zone") + delimited(2, b"\xff"), 2),
        ("UpgradeResourceState", field(1, "aws_route53_zone") + delimited(3, b""), 2),
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
    request = field(1, "aws_route53_zone") + delimited(3, field(1, raw))
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
    provider.answer("Configure", delimited(2, encode_value(config)))
    request = field(1, "aws_route53_zone") + field(2, "Z42")
    imported = parse(message_in(provider.answer("ImportResourceState", request), 1))
    assert imported[3] == PRIVATE_MARK
    assert decode_value(bytes(imported[2]))["id"] == "Z42"


def test_a_destroyed_resource_is_gone(provider: StandinProvider) -> None:
    prior = {"id": "Z1"}
    request = (
        field(1, "aws_route53_zone")
        + delimited(2, encode_value(prior))
        + delimited(3, encode_value(None))
    )
    assert decode_value(message_in(provider.answer("ApplyResourceChange", request), 1)) is None


def test_a_read_of_what_is_not_there_stays_nothing(provider: StandinProvider) -> None:
    request = field(1, "aws_route53_zone") + delimited(2, encode_value(None))
    answer = provider.answer("ReadResource", request)
    assert decode_value(message_in(answer, 1)) is None
    assert 2 not in parse(answer)
