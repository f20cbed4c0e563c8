"""The commands of a runbook, in the page's order, and their output as the page shows it.

A command is a line `$ ...` of a console block, with its output, or an indented line, without one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.support.command import ROOT

PAGES: Final = ROOT / "docs" / "runbooks"
"""The folder of the runbooks; the name of another page begins with `../`."""

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_SHOWN: Final = re.compile(r"^\$ (.+)\n", re.MULTILINE)
_INDENTED: Final = re.compile(r"^ {4,}(\S.*)\n", re.MULTILINE)
_COMMENT: Final = re.compile(r"\s+# (.+)$")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
_AGE: Final = re.compile(r"\b\d+:\d\d:\d\d\b")
_DURATION: Final = re.compile(r"\b\d+(\.\d+)?(?= (s|ms|days)\b)")
_LEFT_OUT: Final = "...\n"


@dataclass(frozen=True)
class Command:
    """One command with the heading above it, its output on the page, and its comment."""

    text: str
    section: str
    shown: str | None
    comment: str | None


def timeless(text: str) -> str:
    """Replace every point in time by the same word."""
    return _TIME.sub("TIME", text)


def unmeasured(text: str) -> str:
    """Replace every measured time, and collapse the column widths that depend on it.

    Counts and names stay: they must equal the page's.
    """
    result = _DURATION.sub("0", _AGE.sub("AGE", timeless(text)))
    return re.sub(" +", " ", result)


def sections(page: str) -> dict[str, str]:
    """Return the text of a page below each of its headings of the second level."""
    parts = re.split(r"^## (.+)\n", (PAGES / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))


def commands(page: str, *headings: str) -> list[Command]:
    """Return the commands of a page, or of some of its sections, in the page's order."""
    texts = sections(page)
    return [each for heading in headings or texts for each in _commands(heading, texts[heading])]


def _commands(heading: str, text: str) -> Iterator[Command]:
    begin = 0
    for fence in _FENCE.finditer(text):
        yield from _indented(heading, text[begin : fence.start()])
        if fence[1] == "console":
            _, *parts = _SHOWN.split(fence[2])
            for line, shown in zip(parts[::2], parts[1::2], strict=True):
                yield _command(heading, line, shown)
        begin = fence.end()
    yield from _indented(heading, text[begin:])


def _indented(heading: str, text: str) -> Iterator[Command]:
    for line in _INDENTED.findall(text):
        yield _command(heading, line, None)


def _command(heading: str, line: str, shown: str | None) -> Command:
    comment = _COMMENT.search(line)
    text = line[: comment.start()] if comment else line
    return Command(text.rstrip(), heading, shown, comment[1] if comment else None)


@dataclass
class Walk:
    """The commands of a page to run in order; the fixture `walk` requires that none is left."""

    left: list[Command] = field(default_factory=list[Command])

    def step(
        self,
        run: Callable[[str], str],
        begins: str = "",
        alike: Callable[[str], str] = unmeasured,
    ) -> str:
        """Run the next command and compare its output with the page; return the output.

        `begins` documents the command in the test. A line `...` of the page matches any lines;
        `alike` normalizes both texts before the comparison.
        """
        command = self.next(begins)
        printed = run(command.text)
        if command.shown is not None:
            holds(command, printed, alike)
        return printed

    def next(self, begins: str = "") -> Command:
        """Return the next command, which must begin with `begins`."""
        assert self.left, f"the page has no further command; expected: {begins}"
        command = self.left.pop(0)
        assert command.text.startswith(begins), command
        return command


def holds(command: Command, printed: str, alike: Callable[[str], str] = unmeasured) -> None:
    """Fail unless the page shows this text as the output of a command."""
    assert command.shown is not None
    parts: Sequence[str] = alike(command.shown).split(_LEFT_OUT)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    assert re.fullmatch(pattern, alike(printed)), f"{command.text}\n{printed}"
