"""Values are spelt as the official provider spells them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.standin.normal import dns_name, json_text, policy_text

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
