"""Text in a table's cell, as terraform-docs 0.24 writes it.

Whatever it writes in an odd way is written so here too, or running it would change a README:
pipes in code stay as they are, and so does HTML.
"""

import re
from collections.abc import Callable
from typing import Final

_BLOCK: Final = "```"
_SPACED: Final = re.compile(r"^(\s*)(_+)(?=\s)", re.ASCII)
_EMPHASIS: Final = re.compile(r"(\s)(_+)([^\s_].*[^\s_])(_+)(?=\s)", re.ASCII)
_KEPT: Final = "\0"
_INNER: Final = r"\w\-.~!$&'*+,;=:@%/?#\\"
_ENCLOSED: Final = "|".join(
    rf"{opening}(?:[{_INNER}]|{opening}[{_INNER}]*{closing})*{closing}"
    for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]"), (r"\{", r"\}"))
)
_URL: Final = re.compile(rf"https?://(?:[{_INNER}]*(?:{_ENCLOSED}|[\w\-~%$&+=/#]))+", re.IGNORECASE)


def cell(text: str) -> str:
    """Return a text of Markdown in the form for a cell; `n/a` for none."""
    return _by_code(text, _BLOCK, _prose, _block) if text else "n/a"


def code(text: str) -> str:
    """Return Markdown that shows a text as code: a block where it has several lines."""
    return f"\n\n{_BLOCK}\n{text}\n{_BLOCK}\n" if "\n" in text else f"`{text}`"


def anchored(kind: str, name: str) -> str:
    """Return a name as the place that links to `kind_name` lead to."""
    link = f"{kind}_{name}"
    return f'<a name="{link}"></a> [{_escaped(name)}](#{_escaped(link)})'


def _prose(text: str) -> str:
    text = _by_code(text, "`", lambda part: part.replace("|", "\\|"), _span)
    text = _by_code(text, "`", _without_underscores, _span)
    return _with_plain_urls(re.sub(r"(?:  )?\n", "<br/>", text.strip()))


def _with_plain_urls(text: str) -> str:
    """Take the escapes out of URLs: one after the other, each wherever it occurs."""
    for url in _URL.findall(text):
        text = text.replace(url, url.replace("\\", ""))
    return text


def _block(text: str) -> str:
    lines = text.strip().replace("\n", "<br/>")
    return f"<pre>{lines}</pre>"


def _span(text: str) -> str:
    return f"`{text}`"


def _by_code(
    text: str, fence: str, prose: Callable[[str], str], inside: Callable[[str], str]
) -> str:
    """Turn what stands outside of fences by `prose`, and by `inside` what they enclose.

    An empty part is passed over without counting it, as terraform-docs does.
    """
    turns = (inside, prose) if text.startswith(fence) else (prose, inside)
    parts = [part for part in text.split(fence) if part]
    return "".join(turns[number % 2](part) for number, part in enumerate(parts))


def _without_underscores(text: str) -> str:
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    """Escape underscores, except those that make a word emphasized."""
    line = _SPACED.sub(lambda found: found[1] + _KEPT * len(found[2]), line)
    line = _EMPHASIS.sub(
        lambda found: f"{found[1]}{_KEPT * len(found[2])}{found[3]}{_KEPT * len(found[4])}", line
    )
    return _escaped(line).replace(_KEPT, "_")


def _escaped(text: str) -> str:
    return text.replace("_", "\\_")
