"""Mistakes in settings: their location, the problem, and what is expected."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

_LONGEST_SHOWN: Final = 60
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")


class NoValue(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = NoValue.ABSENT
"""The value of a mistake without a value, such as a missing key."""


def quote_value(value: object) -> str:
    """Return `value` on one line of at most 60 characters, with special characters escaped."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    text = "null" if value is None else text
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def dotted(path: tuple[str | int, ...]) -> str:
    """Return the path to a value as one key, such as `health.interval` or `regions[1]`."""
    key = ""
    for step in path:
        if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
            key += f".{step}" if key else step
        else:
            key += f"[{quote_value(step)}]"
    return key


def _escaped(line: str) -> str:
    """Return a line with non-printable characters escaped, since it may quote a file."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)


@dataclass(frozen=True)
class Mistake:
    """A mistake: its source, line, key and value, and a message that continues the value.

    `file` is the name of a file, or of the environment variable that has the value; `key` is empty
    if the file as a whole is wrong.
    """

    file: str
    line: int | None
    key: str
    value: object
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        what = self.message if self.value is ABSENT else f"{quote_value(self.value)} {self.message}"
        return _escaped(": ".join(part for part in (place, self.key, what) if part))


class SettingsError(Exception):
    """The settings are invalid; its text has a line for each mistake."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)
