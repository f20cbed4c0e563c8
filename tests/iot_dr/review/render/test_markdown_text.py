"""Untrusted text in Markdown: unchanged if it is harmless, else as code."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from iot_dr.common.visible import visible
from iot_dr.review.render.elements import code, phrase, sentence, strong
from iot_dr.review.render.markdown import render
from iot_dr.review.render.markdown_text import cell, code_span, fence, line
from tests.support.examples import examples
from tests.support.hostile_text import hostile
from tests.support.sample_review import sample_review

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_strong_part_leaves_no_stars(text: str) -> None:
    assert line(phrase("a", strong(text), "b")) == f"a{text}b"


@pytest.mark.parametrize(
    "text",
    [
        "Resolvers keep the old answer up to 300 s, e.g. the device's.",
        "99 % are back (at last): 1,000 devices, 1.5 s",
        "it is a hand-over -> nothing",
    ],
)
def test_plain_english_is_not_changed(text: str) -> None:
    assert line(phrase(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see @user.", "see `@user`."),
        ("fixes #12, GH-1", "fixes `#12`, `GH-1`"),
        ("in org/repo#1", "in `org/repo#1`"),
        ("of deadbeef and 1234567", "of `deadbeef` and `1234567`"),
        ("www.a.example or a@b.example", "`www.a.example` or `a@b.example`"),
        ("at www.: nothing", "at `www`.: nothing"),
        (":smile:", "`:smile`:"),
        ("<b>x</b>", "`<b>x</b>`"),
        ("a `b` c", "a `` `b` `` c"),
        ("1. first", "`1.` first"),
        ("- x", "`-` x"),
        ("# x", "`#` x"),
        ("two\nlines", r"`two\u000alines`"),
        ("\u202eevil", r"`\u202eevil`"),
        ("va\ufe0flue", r"`va\ufe0flue`"),
        ("", ""),
    ],
)
def test_a_word_that_could_be_markup_is_code(text: str, shown: str) -> None:
    assert line(phrase(text)) == shown


def test_text_in_backticks_is_code() -> None:
    assert line(sentence("run `iot-dr check --rules`.")) == "run `iot-dr check --rules`."


def test_adjacent_code_spans_stay_apart() -> None:
    assert line(phrase(code("a"), code("b"), ".c", strong("d"))) == "`a` `b` `.c`**d**"
    assert line(phrase("see GH", "-1")) == "see `GH-1`"


def test_a_name_may_be_empty() -> None:
    assert line(phrase("named ", code(""), " here")) == "named ` ` here"


@given(hostile)
def test_a_code_span_shows_exactly_its_text(text: str) -> None:
    (inline,) = PARSER.parse(f"x {code_span(text)} x")[1:2]
    _, span, _ = inline.children or []
    assert (span.type, span.content) == ("code_inline", visible(text) or " ")


@given(hostile)
def test_a_cell_of_a_table_shows_exactly_its_text(text: str) -> None:
    row = f"| {cell(phrase(code(text)))} | end |"
    tokens = PARSER.parse(f"| a | b |\n| --- | --- |\n{row}\n")
    *_, first, last = (token for token in tokens if token.type == "inline")
    assert [each.content for each in first.children or []] == [visible(text) or " "]
    assert last.content == "end"


@given(hostile, hostile)
def test_a_fence_shows_exactly_its_lines(one: str, two: str) -> None:
    tokens = PARSER.parse(f"{fence([one, two], 'diff')}\nafter")
    assert [token.type for token in tokens[:2]] == ["fence", "paragraph_open"]
    assert tokens[0].content == f"{visible(one)}\n{visible(two)}\n"


@given(hostile, hostile)
def test_a_line_is_one_paragraph_of_text_and_code(one: str, two: str) -> None:
    rendered_line = line(phrase(one, " ", code(two), two))
    tokens = PARSER.parse(f"before\n\n{rendered_line}\n\nafter")
    middle = tokens[3:-3]
    assert [token.type for token in middle] in (
        ["paragraph_open", "inline", "paragraph_close"],
        [],
    )
    for inline in middle[1:2]:
        assert {each.type for each in inline.children or []} <= {"text", "code_inline"}


OUR_HTML = re.compile(
    r"<details>\n<summary>(<code>[^<>]*</code>)?[^<>]*</summary>\n?|</details>\n?"
)
INLINE = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
# Texts that GitHub turns into links, mentions, images or formulas after Markdown:
# docs.github.com/get-started/writing-on-github (autolinked references, mentions, emoji).
LINKED = re.compile(
    r"@|#|://|mailto|www\.|\b(?!e\.g|i\.e)[a-z][\w-]*\.[a-z]|:\w+:|\$|\\|[<>&](?<!->)|"
    r"\b[A-Za-z]+-?[0-9]|\b[0-9a-f]{7,}\b|[\[\]]|\x00|[^\x20-\x7e]",
    re.IGNORECASE,
)


def blocks(tokens: Sequence[Token]) -> list[tuple[str, str, int]]:
    return [(token.type, token.tag, token.level) for token in tokens]


CALM = blocks(PARSER.parse(render(sample_review()).text))


@settings(max_examples=examples(50))
@given(hostile, hostile)
def test_no_string_changes_the_structure_of_a_review(before: str, after: str) -> None:
    page = render(sample_review(lambda text: f"{before}{text}{after}")).text
    tokens = PARSER.parse(page)
    assert blocks(tokens) == CALM
    for token in tokens:
        if token.type == "html_block":
            assert OUR_HTML.fullmatch(token.content)
        for child in token.children or []:
            assert child.type in INLINE
            assert child.type != "text" or not LINKED.search(child.content), child.content


@settings(max_examples=examples(50))
@given(hostile)
def test_every_row_of_the_table_has_as_many_cells_as_the_header(text: str) -> None:
    page = render(sample_review(lambda calm: f"{calm}{text}")).text
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in page.splitlines() if row[:2] == "| "}
    assert len(cells) == 1


@settings(max_examples=examples(50))
@given(hostile)
def test_a_page_contains_no_invisible_text(text: str) -> None:
    page = render(sample_review(lambda _: text)).text
    assert all(line.isprintable() for line in page.split("\n"))
