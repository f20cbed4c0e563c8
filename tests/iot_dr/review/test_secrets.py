"""Secrets in texts that nothing marks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.review.secrets import Secrets


def known(*values: object) -> Secrets:
    secrets = Secrets()
    for each in values:
        secrets.add(each)
    return secrets


@pytest.mark.parametrize(
    ("values", "text", "hidden"),
    [
        (["hunter22"], "it is hunter22.", "it is (sensitive)."),
        (["hunter22", "hunter22-long"], "hunter22-longer", "(sensitive)er"),
        (["abcdefg", "efghijk"], "abcdefghijkl", "(sensitive)l"),
        (["abcdef"], "abcdefabcdef", "(sensitive)(sensitive)"),
        (["short", 12345, True, None], "short 12345 true", "short 12345 true"),
        ([123456], "port 123456", "port (sensitive)"),
        ([{"a": ["nested-1", {"b": "nested-2"}]}], "nested-1 nested-2", "(sensitive) (sensitive)"),
        (['a "b" c'], r'{"k": "a \"b\" c"}', '{"k": "(sensitive)"}'),
        (["ключ-ключ"], "ключ-ключи", "(sensitive)и"),
        ([], "anything", "anything"),
        (["hunter22"], "", ""),
    ],
)
def test_each_secret_in_a_text_is_hidden(values: list[object], text: str, hidden: str) -> None:
    assert known(*values).hidden(text) == hidden


@given(
    st.lists(st.text("abc", min_size=6, max_size=9), min_size=1, max_size=40),
    st.text("abc-", max_size=60),
)
def test_no_secret_is_left_in_any_text_and_nothing_else_is_lost(
    values: list[str], text: str
) -> None:
    secrets = known(values)
    hidden = secrets.hidden(text)
    assert not any(each in hidden for each in values)
    assert secrets.is_in(text) == any(each in text for each in values)
    left = hidden.split("(sensitive)")
    assert text.startswith(left[0])
    assert text.endswith(left[-1])


def test_very_many_secrets_are_looked_for_in_time() -> None:
    secrets = known(
        [f"secret-{number:06}-{number * 7919 % 1_000_003}" for number in range(100_000)]
    )
    text = "an ordinary text without a secret-0 to hide " * 250
    start = time.process_time()
    assert not any(secrets.is_in(text) for _ in range(10))
    assert secrets.hidden(f"{text}secret-054321-") == f"{text}secret-054321-"
    assert time.process_time() - start < 5
