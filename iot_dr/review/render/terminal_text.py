"""Phrases as rich's text, in which nothing is markup."""

from typing import Final

from rich.padding import Padding
from rich.text import Text

from iot_dr.common.visible import visible
from iot_dr.review.render.phrase import Kind, Part, Phrase

_VERDICTS: Final = {"block": "bold red", "warn": "bold yellow", "ok": "bold green"}
_STYLES: Final = {Kind.STRONG: "bold", Kind.CODE: "cyan"}


def styled(phrase: Phrase, style: str = "") -> Text:
    """Give a phrase, with the verdict in its colour and names set apart."""
    text = Text(style=style, overflow="fold")
    for part in phrase:
        text.append(visible(part.text), _style(part))
    return text


def indented(text: Text, by: int) -> Padding:
    """Keep a text, and the lines into which it is broken, so far from the edge."""
    return Padding(text, (0, 0, 0, by), expand=False)


def _style(part: Part) -> str:
    if part.kind is Kind.VERDICT:
        return _VERDICTS.get(part.text, "bold")
    return _STYLES.get(part.kind, "")
