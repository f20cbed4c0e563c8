from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.standin.schema import Attribute, NestedBlock, SchemaBlock
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
