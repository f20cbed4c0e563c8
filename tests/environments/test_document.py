"""Accepted and refused YAML."""

import pytest

from environments import document
from environments.errors import SettingsError
from tests.environments.files import VALID, mistakes, only_mistake, with_line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("off", "off"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.5", "1.5"),
        (".inf", ".inf"),
        ("2026-01-31", "2026-01-31"),
        ("9" * 5000, "9" * 5000),
        ('"5"', "5"),
        ("'true'", "true"),
        ("|\n  5", "5"),
        ("=", "="),
    ],
)
def test_only_plain_words_and_decimal_numbers_are_more_than_text(text: str, value: object) -> None:
    (read,) = document.read(f"key: {text}".encode(), "dev.yaml").data.values()
    assert read == value
    assert type(read) is type(value)


def test_every_key_and_item_has_its_line() -> None:
    text = "a:\n  b: 1\n  c:\n    - x\n    - y\n"
    lines = document.read(text.encode(), "dev.yaml").lines
    assert lines["a",] == 1
    assert lines["a", "b"] == 2
    assert lines["a", "c"] == 3
    assert lines["a", "c", 1] == 5


@pytest.mark.parametrize(
    ("line", "text", "wrong_line", "key", "message"),
    [
        (
            3,
            "domain: example.com\ndomain: b.com",
            4,
            "domain",
            "is given twice; it is already in line 3",
        ),
        (10, "endpoint:\n  ttl: 5\n  ttl: 6", 12, "endpoint.ttl", "it is already in line 11"),
        (1, "project: &name example", 1, "project", "has the anchor &name; expected no anchor"),
        (1, "project: *name", 1, "project", "uses the alias *name; expected the value"),
        (1, "project: !!str example", 1, "project", "tag:yaml.org,2002:str'; expected no tag"),
        (1, "project: ! example", 1, "project", "has the tag '!'"),
        (13, "tags: !!python/object/apply:os.system [x]", 13, "tags", "python/object/apply:os.sys"),
        (13, "!!python/name:os.system tags: {}", 13, "tags", "python/name:os.system"),
        (13, "tags: {1: x}", 13, "tags.1", "is not a string; expected the key in quotes"),
        (13, "tags: {true: x}", 13, "tags.true", "is not a string; expected the key in quotes"),
        (13, "tags: {~: x}", 13, "tags['~']", "is not a string; expected the key in quotes"),
        (13, "tags:\n  <<: {a: b}", 14, "tags['<<']", "is a merge key; expected the merged keys"),
        (13, "tags: {*a : b}", 13, "tags['*a']", "uses the alias *a"),
    ],
)
def test_ambiguous_or_dangerous_yaml_is_reported_with_its_place(
    line: int, text: str, wrong_line: int, key: str, message: str
) -> None:
    mistake = only_mistake(with_line(line, text))
    assert (mistake.file, mistake.line, mistake.key) == ("environments/dev.yaml", wrong_line, key)
    assert message in mistake.message


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", None, "the file is empty"),
        (b"\n# only a comment\n", None, "the file is empty"),
        (b"---\n...\n", None, "the file is empty"),
        (b"null\n", None, "the file is empty"),
        (b"- project\n", 1, "is not a mapping"),
        (b"\nproject\n", 2, "is not a mapping"),
        (b"*project\n", 1, "is not a mapping"),
        (b"a: 1\n---\nb: 2\n", 2, "a second document"),
        (b"? [a, b]\n: c\n", 1, "a list or a mapping as a key"),
        (b"? {a: b}\n: c\n", 1, "a list or a mapping as a key"),
        (b"a: 1\nb: [\n", 3, "is not valid YAML"),
        (b"a: 'x\n", 2, "is not valid YAML"),
        (b"a: b: c\n", 1, "is not valid YAML"),
        (b"a: 1\n\tb: 2\n", 2, "is not valid YAML"),
        (b"a: 1\nb: \x00\n", 2, r"control character '\x00'"),
        (b"a: \x1b[31m\n", 1, r"control character '\x1b'"),
        (b"a: 1\nb: \xff\xfe\n", 2, "is not UTF-8"),
        (VALID.encode("utf-16"), 1, "is not UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00\x00", 1, "control character"),
        (b"a: " + b"[" * 9 + b"]" * 9, 1, "is nested deeper than 8 levels"),
        (b"a: " + b"[" * 10_000, 1, "nest"),
        (b"{a: " * 10_000, 1, "nest"),
        (b"\n".join(b" " * n + b"a:" for n in range(400)), 10, "nested deeper than 8 levels"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused(
    content: bytes, line: int | None, message: str
) -> None:
    mistake = only_mistake(content)
    assert (mistake.file, mistake.line, mistake.key) == ("environments/dev.yaml", line, "")
    assert message in mistake.message


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    windows = b"\xef\xbb\xbf" + VALID.replace("\n", "\r\n").encode()
    assert mistakes(windows) == ()


def test_the_first_of_two_values_is_validated_too() -> None:
    first, second = mistakes(with_line(3, "domain: nowhere\ndomain: example.com"))
    assert (first.line, first.value) == (3, "nowhere")
    assert (second.line, second.message) == (4, "is given twice; it is already in line 3")


def test_a_tag_at_the_top_does_not_hide_other_mistakes() -> None:
    keys = [mistake.key for mistake in mistakes("!x\nproject: 5\n")]
    assert keys[:2] == ["", "project"]


def test_code_in_yaml_is_not_executed(capfd: pytest.CaptureFixture[str]) -> None:
    text = 'a: !!python/object/apply:os.system ["echo ran"]'
    assert document.read(text.encode(), "dev.yaml").mistakes
    assert capfd.readouterr().out == ""


def test_a_problem_with_the_whole_is_raised_at_once() -> None:
    with pytest.raises(SettingsError, match=r"dev\.yaml: the file is empty"):
        document.read(b"", "dev.yaml")
