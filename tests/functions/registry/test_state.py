"""States in a form in which two regions' can be compared."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.registry.state import HASH_OF_NONE, StateError, canonical_json, hash_of, parsed_state

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
states = st.dictionaries(st.text(), values, max_size=4)


@given(states)
def test_order_of_names_and_spelling_of_numbers_make_no_other_state(state: dict[str, Any]) -> None:
    text = canonical_json(state)
    turned = json.loads(json.dumps(dict(reversed(state.items())), indent=2))
    assert canonical_json(turned) == text
    assert canonical_json(parsed_state(text)) == text
    assert hash_of(parsed_state(text)) == hash_of(state)


def test_numbers_are_compared_as_json_has_them() -> None:
    assert hash_of({"a": [1.0, {"b": -0.0}]}) == hash_of({"a": [1, {"b": 0}]})
    assert hash_of({"a": True}) != hash_of({"a": 1})
    assert hash_of({"a": 1e300}) != hash_of({"a": 2e300})


def test_what_is_not_there_has_a_word_for_a_hash() -> None:
    assert (canonical_json(None), hash_of(None), parsed_state(None)) == (None, HASH_OF_NONE, None)
    assert hash_of({}) != HASH_OF_NONE


@pytest.mark.parametrize("state", [{"a": float("inf")}, {"a": float("nan")}, {"a": {1, 2}}])
def test_what_json_cannot_hold_is_not_a_state(state: dict[str, Any]) -> None:
    with pytest.raises(StateError):
        canonical_json(state)
    with pytest.raises(StateError):
        hash_of(state)


@pytest.mark.parametrize("text", ["", "[]", "1", "{", "[" * 100_000])
def test_a_text_that_is_not_a_json_object_is_not_a_state(text: str) -> None:
    with pytest.raises(StateError):
        parsed_state(text)
