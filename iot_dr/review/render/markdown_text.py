"""Text of strangers in GitHub's Markdown, as text and nothing else.

A backslash keeps neither a mention nor an issue's number from becoming a link: GitHub looks for
them after Markdown is done, in all text that is not code
(docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls).
So a word of prose stands as it is only when it is harmless beyond doubt, else as code.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from iot_dr.common.visible import visible
from iot_dr.review.render.outline import Kind, Part, Phrase

_BEFORE: Final = "(\"'"
_AFTER: Final = ")\"',.;:!?"
_HARMLESS: Final = re.compile(
    r"[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]{1,6}(?:\.[0-9]{1,3})?|[0-9]{1,3}(?:,[0-9]{3})+|e\.g|i\.e|->|%|"
)
# A commit's number, and what is an address as soon as a full stop comes behind it.
_LINKED: Final = re.compile(r"\b[0-9A-Fa-f]{7,}\b|[Ww]{3}$")
_NUMBERED: Final = re.compile(r"^[0-9]+[.)](?= |$)")
_TICKS: Final = re.compile("`+")


def line(phrase: Phrase) -> str:
    """Return a phrase as one line that starts no list, heading, quote or table."""
    text = ""
    for part in _joined(phrase):
        written = _written(part)
        # Two runs of backticks that touch would be one run.
        text += f" {written}" if text.endswith("`") and written.startswith("`") else written
    return _NUMBERED.sub(lambda match: code_span(match[0]), text.strip())


def cell(phrase: Phrase) -> str:
    """Return a phrase for a cell of a table; GFM splits cells inside code spans too."""
    return line(phrase).replace("|", "\\|")


def code_span(text: str) -> str:
    """Put a text into a code span, within a longer run of backticks than it holds."""
    shown = visible(text) or " "
    ticks = "`" * (_longest_run(shown) + 1)
    stripped = shown.startswith(" ") and shown.endswith(" ") and shown.strip(" ")
    pad = " " if stripped or shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: Sequence[str], language: str = "", indent: str = "") -> str:
    """Put lines into a fence that is longer than any run of backticks inside."""
    shown = [visible(each) for each in lines]
    ticks = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return "".join(f"{indent}{each}\n" for each in (f"{ticks}{language}", *shown, ticks))


def html_code(text: str) -> str:
    """Return a text for a line of HTML, where Markdown is not read."""
    return f"<code>{escape(visible(text))}</code>"


def _joined(phrase: Phrase) -> Iterator[Part]:
    """Join prose with the prose beside it: two harmless words may make a reference together."""
    for kind, parts in groupby(phrase, key=lambda part: part.kind):
        if kind is Kind.PROSE:
            yield Part(kind, "".join(part.text for part in parts))
        else:
            yield from parts


def _written(part: Part) -> str:
    if part.kind is Kind.CODE:
        return code_span(part.text)
    prose = _prose(part.text)
    return f"**{prose}**" if part.kind in {Kind.STRONG, Kind.VERDICT} and prose.strip() else prose


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
