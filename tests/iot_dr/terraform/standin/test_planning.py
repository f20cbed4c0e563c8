"""How the stand-in plans: computed attributes, checks, and the spelling of values."""

import json
from typing import Any, Literal

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.standin.checks import (
    Check,
    arn,
    at_least,
    between,
    both,
    each_member,
    ip_address,
    json_document,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.normal import dns_name, json_text, policy_text
from iot_dr.terraform.standin.planned import PlannedResources
from iot_dr.terraform.standin.planning import ProviderSettings, plan_change
from iot_dr.terraform.standin.schema import Attribute, NestedBlock, SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform.standin.values import (
    UNKNOWN,
    Path,
    decode_value,
    encode_path,
    encode_value,
    has_unknown,
    is_unknown,
    named,
    walk,
)
from iot_dr.terraform.standin.wire import encode_message

SETTINGS = ProviderSettings(Origin("111111111111", "eu-west-1"))
RULE = SchemaBlock(
    {
        "algorithm": Attribute("string", required=True),
        "decided": Attribute("string", optional=True, computed=True),
    }
)


def planned(nesting: Literal["list", "set"], before: list[Any], after: list[Any]) -> Any:
    block = SchemaBlock({}, {"rule": NestedBlock(nesting, 0, 0, RULE)})
    behaviour = behaviour_of("resource", "aws_not_described")
    plan = plan_change(block, behaviour, {"rule": before}, {"rule": after}, SETTINGS)
    return plan.state["rule"]


def rule(algorithm: str, decided: Any = None) -> dict[str, Any]:
    return {"algorithm": algorithm, "decided": decided}


@pytest.mark.parametrize("nesting", ["list", "set"])
def test_what_was_never_decided_in_a_block_stays_so_while_the_block_stays(
    nesting: Literal["list", "set"],
) -> None:
    rules = [rule("AES256"), rule("aws:kms")]
    assert planned(nesting, rules, [rule("AES256"), rule("aws:kms")]) == rules


def test_the_order_of_a_set_causes_no_change() -> None:
    rules = [rule("AES256"), rule("aws:kms")]
    assert planned("set", rules, rules[::-1]) == rules[::-1]


@pytest.mark.parametrize("nesting", ["list", "set"])
def test_computed_values_of_a_block_that_changes_are_unknown(
    nesting: Literal["list", "set"],
) -> None:
    assert planned(nesting, [rule("AES256")], [rule("aws:kms")]) == [rule("aws:kms", UNKNOWN)]


@pytest.mark.parametrize(("name", "planned_minutes"), [("a", None), ("b", "45m")])
def test_a_time_limit_is_written_with_another_change_and_is_none_by_itself(
    name: str, planned_minutes: str | None
) -> None:
    create = SchemaBlock({"create": Attribute("string", optional=True)})
    block = SchemaBlock(
        {"name": Attribute("string", required=True)},
        {"timeouts": NestedBlock("single", 0, 0, create)},
    )
    before: dict[str, Any] = {"name": "a", "timeouts": None}
    after: dict[str, Any] = {"name": name, "timeouts": {"create": "45m"}}
    behaviour = behaviour_of("resource", "aws_not_described")
    state: Any = plan_change(block, behaviour, before, after, SETTINGS).state
    assert (state["timeouts"] or {}).get("create") == planned_minutes


LOOKUPS = [
    ("aws_dynamodb_table", {"name": "devices"}, {"name": "devices", "region": "eu-west-1"}),
    ("aws_route53_zone", {"name": "example.com"}, {"name": "example.com", "zone_id": None}),
    ("aws_acm_certificate", {"domain_name": "*.example.com"}, {"domain": "*.example.com"}),
]


@pytest.mark.parametrize(("type_", "values", "lookup"), LOOKUPS)
def test_what_is_only_planned_cannot_be_read_until_it_exists(
    type_: str, values: dict[str, str], lookup: dict[str, str]
) -> None:
    resources = PlannedResources()
    assert not resources.lack(type_, lookup)
    resources.plan(type_, None, values)
    assert resources.lack(type_, lookup)
    resources.exist(type_, values)
    assert not resources.lack(type_, lookup)


def test_what_is_replaced_exists_and_another_name_is_not_meant() -> None:
    resources = PlannedResources()
    resources.plan("aws_dynamodb_table", None, {"name": "devices", "hash_key": "id"})
    assert not resources.lack("aws_dynamodb_table", {"name": "others"})
    resources.plan("aws_dynamodb_table", {"name": "devices"}, {"name": "devices"})
    assert not resources.lack("aws_dynamodb_table", {"name": "devices"})


def test_a_lookup_without_a_name_means_no_resource_in_particular() -> None:
    resources = PlannedResources()
    resources.plan("aws_caller_identity", None, {"name": "me"})
    assert not resources.lack("aws_caller_identity", {"id": "1"})


DIGITS = matches(r"\d+", "digits")


@pytest.mark.parametrize(
    ("check", "right", "wrong", "said"),
    [
        (one_of("A", "AAAA"), "A", "a", "be one of A, AAAA, got a"),
        (one_of(10, 30), 30, 20, "be one of 10, 30, got 20"),
        (length(1, 3), "abc", "abcd", "have 1 to 3 characters, got 4"),
        (at_least(3), ["a", "b", "c"], ["a"], "have 3 members or more, got 1"),
        (DIGITS, "42", "4x2", "be digits, got '4x2'"),
        (DIGITS, "42", "42\n", "be digits, got '42\\n'"),
        (each_member(DIGITS), ["1", "2"], ["1", "x", "y"], "be digits, got 'x'"),
        (both(length(0, 2), DIGITS), "12", "123", "have 0 to 2 characters, got 3"),
        (both(length(0, 2), DIGITS), "12", "ab", "be digits, got 'ab'"),
        (arn, "arn:aws:s3:::bucket", "bucket", "be an ARN, got 'bucket'"),
        (arn, "arn:aws-cn:acm:cn-north-1:111111111111:certificate/x", "arn:aws:s3", "be an ARN"),
        (ip_address, "2001:db8::1", "300.1.1.1", "be an IP address, got '300.1.1.1'"),
        (json_document, '{"a": [1]}', "{'a': 1}", "be JSON: "),
    ],
)
def test_a_right_value_passes_and_a_wrong_one_is_reported(
    check: Check, right: object, wrong: object, said: str
) -> None:
    assert check(right) is None
    assert (check(wrong) or "").startswith(said)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-1500, 1500))
def test_both_ends_of_a_range_are_in_it(one: int, other: int, value: int) -> None:
    least, most = sorted((one, other))
    assert between(least, most)(least) is None
    assert between(least, most)(most) is None
    assert (between(least, most)(value) is None) == (value in range(least, most + 1))


DOCUMENTS = st.dictionaries(
    st.sampled_from(["Version", "Statement", "Id", "a"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ),
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [("Example.COM.", "example.com"), ("a.b", "a.b"), (".", "."), ("*.A.b.", "*.a.b")],
)
def test_a_dns_name_is_lower_case_and_ends_without_a_period(written: str, normal: str) -> None:
    assert dns_name(written) == normal


def test_json_is_compact_sorted_and_escaped_as_go_writes_it() -> None:
    assert (
        json_text('{"b": [1, "é<&>"], "a": null}') == '{"a":null,"b":[1,"é\\u003c\\u0026\\u003e"]}'
    )


def test_a_policy_begins_with_its_version() -> None:
    written = '{"Statement": [{"Effect": "Deny", "Action": "x"}], "Version": "2012-10-17"}'
    expected = '{"Version":"2012-10-17","Statement":[{"Action":"x","Effect":"Deny"}]}'
    assert policy_text(written) == expected


@given(DOCUMENTS)
def test_another_spelling_of_a_document_is_written_the_same_and_means_the_same(
    document: dict[str, Any],
) -> None:
    other = dict(reversed(document.items()))
    for normal in (json_text, policy_text):
        once = normal(json.dumps(document))
        assert normal(json.dumps(other, indent=3)) == once == normal(once)
        assert json.loads(once) == document


@pytest.mark.parametrize("text", ["", "{", "${unknown}"])
def test_other_text_than_json_stays_for_the_check_to_refuse(text: str) -> None:
    assert (json_text(text), policy_text(text)) == (text, text)


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text()
KNOWN = st.recursive(SCALARS, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=20)


@given(KNOWN)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert decode_value(encode_value(value)) == value
    assert not has_unknown(value)


@given(st.lists(KNOWN, max_size=3))
def test_unknown_is_found_wherever_it_hides(neighbours: list[Any]) -> None:
    value = decode_value(encode_value({"deep": [*neighbours, {"deeper": UNKNOWN}]}))
    assert has_unknown(value)
    assert is_unknown(value["deep"][-1]["deeper"])


def test_an_unknown_value_whose_range_is_known_is_unknown() -> None:
    assert is_unknown(msgpack.ExtType(12, b"\x81\x01\xc2"))


def test_a_value_in_json_is_read_too() -> None:
    assert decode_value(encode_message(2, b'{"name": "z"}')) == {"name": "z"}
    assert decode_value(b"") is None


@pytest.mark.parametrize(
    ("path", "encoded"), [(("a",), "0a030a0161"), (("a", 0, "b"), "0a030a01610a0218000a030a0162")]
)
def test_a_path_is_names_and_positions(path: Path, encoded: str) -> None:
    assert encode_path(path) == bytes.fromhex(encoded)


LEAF = SchemaBlock({"x": Attribute("string")})
NESTED = SchemaBlock(
    {"top": Attribute("string")},
    {
        "one": NestedBlock("single", 0, 0, LEAF),
        "many": NestedBlock("list", 0, 0, LEAF),
        "loose": NestedBlock("set", 0, 0, LEAF),
        "named": NestedBlock("map", 0, 0, LEAF),
        "absent": NestedBlock("single", 0, 0, LEAF),
    },
)


def test_a_walk_meets_every_attribute_with_its_path() -> None:
    value = {
        "top": "t",
        "one": {"x": "o"},
        "many": [{"x": "m0"}, {"x": "m1"}],
        "loose": [{"x": "s"}],
        "named": {"k": {"x": "n"}},
        "absent": None,
    }
    met: dict[Path, str] = {}
    walk(NESTED, value, lambda path, _, owner: met.update({path: owner[str(path[-1])]}))
    assert met == {
        ("top",): "t",
        ("one", "x"): "o",
        ("many", 0, "x"): "m0",
        ("many", 1, "x"): "m1",
        ("loose", "x"): "s",
        ("named", "k", "x"): "n",
    }
    assert named(("many", 1, "x")) == "many.x"
