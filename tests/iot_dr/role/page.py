"""A page of documentation and what it shows of commands."""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"```console\n(.+?)```", re.DOTALL)
_COMMAND = re.compile(r"^\$ (.+)\n", re.MULTILINE)
_NUMBER = re.compile(r"[\d.:-]*\d")
_LEFT_OUT = "...\n"


@dataclass(frozen=True)
class Page:
    """The text of a page; a line `...` in an output stands for any lines."""

    text: str

    @classmethod
    def read(cls, file: Path) -> "Page":
        return cls(file.read_text(encoding="utf-8"))

    def outputs(self, command: str) -> list[str]:
        """Give each output that the page shows for a command."""
        found: list[str] = []
        for block in _BLOCK.findall(self.text):
            _, *parts = _COMMAND.split(block)
            pairs = zip(parts[::2], parts[1::2], strict=True)
            found += [output for shown, output in pairs if shown == command]
        return found

    def holds(self, command: str, printed: str) -> None:
        """Fail unless the page shows this, numbers aside, as an output of the command."""
        outputs = self.outputs(command)
        assert outputs, f"the page does not show {command}"
        given = _numberless(printed)
        assert any(_pattern(each).fullmatch(given) for each in outputs), printed


def _pattern(shown: str) -> re.Pattern[str]:
    parts = _numberless(shown).split(_LEFT_OUT)
    return re.compile(r"(?:.*\n)*?".join(map(re.escape, parts)))


def _numberless(text: str) -> str:
    # Columns move with the width of what stands in them.
    return re.sub(" +", " ", _NUMBER.sub("0", text))
