"""Secrets in texts without masks."""

import json
import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.review.read.secrets import Secrets


def known(*values: object) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.add(value)
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
        (["abcdefghijkl", "cdefgh"], "abcdefghijklm", "(sensitive)m"),
    ],
)
def test_each_secret_in_a_text_is_hidden(values: list[object], text: str, hidden: str) -> None:
    assert known(*values).hidden(text) == hidden


def go_json(text: str) -> str:
    """Return JSON as Go writes it."""
    written = json.dumps(text, ensure_ascii=False)
    for character in "&<>":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


SECRET = 'hunter "é" & <22>'


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        go_json(SECRET),
        json.dumps(json.dumps(SECRET)),
        json.dumps(go_json(SECRET), ensure_ascii=False),
        go_json(go_json(SECRET)),
        f"https://x.example/?q={quote(SECRET, safe='')}",
        f"https://x.example/?q={quote_plus(SECRET)}",
        b64encode(SECRET.encode()).decode(),
        *(b64encode(b"x" * lead + SECRET.encode() + b"end").decode() for lead in range(4)),
        urlsafe_b64encode(f"user:{SECRET}>>>???".encode()).decode(),
        'hunter\n  "é" &\n│ <22>',
    ],
)
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    hidden = known(SECRET).hidden(f"it is {written} there")
    assert hidden.startswith("it is ")
    assert hidden.endswith(" there")
    assert "(sensitive)" in hidden
    assert not any(part in hidden for part in ("22", "é", "u00e9", "%C3", quote("é")))
    # The remaining base64 digits also encode bits of the neighbouring bytes.
    assert len(hidden) < len("it is https://x.example/?q=(sensitive)12345678 there")


@pytest.mark.parametrize(
    ("value", "text", "hidden"),
    [
        ("hunter22\n", "it is hunter22", "it is (sensitive)"),
        ("HUNTER.example.com.", "the zone hunter.example.com", "the zone (sensitive)"),
        ('{"user": "u", "password": "hunter22"}', "as hunter22", "as (sensitive)"),
        ('{"a": [{"pin": 12345678}]}', "as 12345678", "as (sensitive)"),
        ('{"a": "{\\"password\\": \\"hunter22\\"}"}', "as hunter22", "as (sensitive)"),
        ('{"hunter-22": {"a": 1}}', "as hunter-22", "as (sensitive)"),
        ('{"Statement": [{"aws:SourceArn": 1}]}', "a Statement", "a Statement"),
        ("hunter22\n  hunter23\nx\n", "as hunter23 and x", "as (sensitive) and x"),
        ('a = 1\nb = "22"\n', r'as {"k": "b = \"22\""}', 'as {"k": "(sensitive)"}'),
        ('{"Fn::GetAtt": {"aws:RequestTag/Owner": 1}}', "Fn::GetAtt", "Fn::GetAtt"),
        (
            "[defaults]\n  default\nregion:\n  eu-central-1\n",
            "default eu-central-1",
            "default eu-central-1",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nMII",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----",
        ),
        ({"hunter-22": "v"}, "as hunter-22", "as (sensitive)"),
        ({"description": "v"}, "a description", "a description"),
        (1e21, "as 1000000000000000000000", "as (sensitive)"),
    ],
)
def test_the_parts_of_a_secret_are_secrets(value: object, text: str, hidden: str) -> None:
    assert known(value).hidden(text) == hidden


def test_the_first_500_lines_of_a_text_are_secrets() -> None:
    secrets = known("\n".join(f"line-{number}: x" for number in range(1, 1000)))
    assert secrets.hidden("as line-500: x") == "as (sensitive)"
    assert secrets.hidden("as line-501: x") == "as line-501: x"


def test_equal_values_have_the_same_hidden_stand_in() -> None:
    secrets = Secrets()
    one, same, other = (secrets.stand_in(each) for each in ("a", "a", "b"))
    assert one == same != other
    assert secrets.stand_in("mqtt.example.com") != "mqtt.example.com"
    secrets.add(["mqtt.example.com", "pass phrase"])
    assert secrets.stand_in("mqtt.example.com") == "mqtt.example.com"
    assert secrets.stand_in("pass phrase") != "pass phrase"
    assert secrets.hidden(f"{one} and {other.upper()}") == "(sensitive) and (sensitive)"


@given(
    st.lists(st.text("abc", min_size=6, max_size=9), min_size=1, max_size=40),
    st.text("abc-", max_size=60),
)
def test_hiding_removes_exactly_the_secrets(values: list[str], text: str) -> None:
    secrets = known(values)
    hidden = secrets.hidden(text)
    assert not any(each in hidden for each in values)
    assert secrets.is_in(text) == any(each in text for each in values)
    kept = hidden.split("(sensitive)")
    assert text.startswith(kept[0])
    assert text.endswith(kept[-1])


def test_many_secrets_are_searched_in_time() -> None:
    secrets = known(
        [f"secret-{number:06}-{number * 7919 % 1_000_003}" for number in range(100_000)]
    )
    text = "an ordinary text without a secret-0 to hide " * 250
    start = time.process_time()
    assert not any(secrets.is_in(text) for _ in range(10))
    assert secrets.hidden(f"{text}secret-054321-") == f"{text}secret-054321-"
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "values",
    [[f"{'a' * size}b" for size in range(6, 500)], ["a" * 50_000 + "b"] * 2, ["a" * 20_000]],
    ids=["many", "long", "found"],
)
def test_near_matches_are_searched_in_time(values: list[str]) -> None:
    secrets = known(*values, *(f"other-{number}" for number in range(200)))
    start = time.process_time()
    hidden = secrets.hidden("a" * 100_000)
    assert time.process_time() - start < 2
    # A text that takes too long to search counts as secret.
    assert hidden == "(sensitive)"
