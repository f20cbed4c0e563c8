"""Hostile strings do not change the structure of a review."""

import re
from collections.abc import Sequence

from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from iot_dr.review.render.markdown import render
from tests.support.examples import examples
from tests.support.hostile_text import hostile
from tests.support.sample_review import sample_review

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
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
