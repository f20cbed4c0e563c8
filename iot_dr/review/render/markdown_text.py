"""Untrusted text in GitHub's Markdown, escaped so that it stays text.

A backslash does not stop a mention or an issue number from becoming a link: GitHub searches for
them after rendering, in all text that is not code
(docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls).
So a word of prose is kept only if it cannot become a link or markup; every other word is code.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from iot_dr.common.visible import visible
from iot_dr.review.render.elements import Phrase, TextKind, TextPart

_BEFORE: Final = "(\"'"
_AFTER: Final = ")\"',.;:!?"
_HARMLESS: Final = re.compile(
    r"[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]{1,6}(?:\.[0-9]{1,3})?|[0-9]{1,3}(?:,[0-9]{3})+|e\.g|i\.e|->|%|"
)
# A commit hash, and `www`, which a following full stop turns into a link.
_LINKED: Final = re.compile(r"\b[0-9A-Fa-f]{7,}\b|[Ww]{3}$")
_NUMBERED: Final = re.compile(r"^[0-9]+[.)](?= |$)")
_TICKS: Final = re.compile("`+")


def line(phrase: Phrase) -> str:
    """Return a phrase as one line that cannot start a list, heading, quote or table."""
    text = ""
    for part in _joined(phrase):
        written = _written(part)
        # Adjacent runs of backticks would join.
        text += f" {written}" if text.endswith("`") and written.startswith("`") else written
    return _NUMBERED.sub(lambda match: code_span(match[0]), text.strip())


def cell(phrase: Phrase) -> str:
    """Return a phrase for a table cell; in GFM, `|` splits cells even inside code spans."""
    return line(phrase).replace("|", "\\|")


def code_span(text: str) -> str:
    """Return a code span whose run of backticks is longer than any in the text."""
    shown = visible(text) or " "
    ticks = "`" * (_longest_run(shown) + 1)
    stripped = shown.startswith(" ") and shown.endswith(" ") and shown.strip(" ")
    pad = " " if stripped or shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: Sequence[str], language: str = "", indent: str = "") -> str:
    """Return a fenced code block whose fence is longer than any run of backticks in it."""
    shown = [visible(each) for each in lines]
    ticks = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return "".join(f"{indent}{line}\n" for line in (f"{ticks}{language}", *shown, ticks))


def html_code(text: str) -> str:
    """Return a text as HTML code, for a line of HTML in which Markdown has no effect."""
    return f"<code>{escape(visible(text))}</code>"


def _joined(phrase: Phrase) -> Iterator[TextPart]:
    """Yield parts with adjacent prose joined: two harmless words may form a reference."""
    for kind, parts in groupby(phrase, key=lambda part: part.kind):
        if kind is TextKind.PROSE:
            yield TextPart(kind, "".join(part.text for part in parts))
        else:
            yield from parts


def _written(part: TextPart) -> str:
    if part.kind is TextKind.CODE:
        return code_span(part.text)
    prose = _prose(part.text)
    return (
        f"**{prose}**"
        if part.kind in {TextKind.STRONG, TextKind.VERDICT} and prose.strip()
        else prose
    )


def _prose(text: str) -> str:
    shown = visible(text)
    words = " ".join(_word(each) for each in shown.split(" ") if each)
    return f"{' ' * shown.startswith(' ')}{words}{' ' * (shown.endswith(' ') and bool(words))}"


def _word(word: str) -> str:
    rest = word.lstrip(_BEFORE)
    core = rest.rstrip(_AFTER)
    if _HARMLESS.fullmatch(core) and not _LINKED.search(core):
        return word
    lead, trail = word[: len(word) - len(rest)], rest[len(core) :]
    return f"{lead}{code_span(core)}{trail}"


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
