"""The commands of a runbook, for a test to run in the page's order, and what is shown of them.

A command is a line `$ ...` of a console block, with its output, or an indented line, without one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.support.command import ROOT

PAGES: Final = ROOT / "docs" / "runbooks"

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
    """One command, the heading that it stands under, what is shown of its output, its comment."""

    text: str
    section: str
    shown: str | None
    comment: str | None


def timeless(text: str) -> str:
    """Give a text with every point in time alike."""
    return _TIME.sub("TIME", text)


def unmeasured(text: str) -> str:
    """Give a text with all alike that a clock tells, and the widths of columns that follow.

    Counts and names are left as they are: they are what a page is held to.
    """
    told = _DURATION.sub("0", _AGE.sub("AGE", timeless(text)))
    return re.sub(" +", " ", told)


def sections(page: str) -> dict[str, str]:
    """Give the text of a page below each of its headings of the second level."""
    parts = re.split(r"^## (.+)\n", (PAGES / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))


def commands(page: str, *headings: str) -> list[Command]:
    """Give the commands of a page, or of those of its sections, in its order."""
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
    """A way through the commands of a page; the fixture `walk` refuses to end before they do."""

    left: list[Command] = field(default_factory=list[Command])

    def step(
        self,
        run: Callable[[str], str],
        begins: str = "",
        alike: Callable[[str], str] = unmeasured,
    ) -> str:
        """Run the next command and hold what it prints against the page; gives what it printed.

        `begins` is there for whoever reads the test. A line `...` of the page stands for any
        lines; `alike` brings both texts into the form in which they have to be equal.
        """
        command = self.next(begins)
        printed = run(command.text)
        if command.shown is not None:
            holds(command, printed, alike)
        return printed

    def next(self, begins: str = "") -> Command:
        """Give the next command for a test to run, which is to begin so."""
        assert self.left, f"the page has no further command; expected: {begins}"
        command = self.left.pop(0)
        assert command.text.startswith(begins), command
        return command


def holds(command: Command, printed: str, alike: Callable[[str], str] = unmeasured) -> None:
    """Fail unless the page shows this as the output of a command."""
    assert command.shown is not None
    parts: Sequence[str] = alike(command.shown).split(_LEFT_OUT)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    assert re.fullmatch(pattern, alike(printed)), f"{command.text}\n{printed}"
