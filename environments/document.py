"""YAML of an environment's file as plain data, with the line of every key.

Only a safe and unambiguous part of YAML is accepted: no tags, anchors, merge keys or repeated keys,
and a plain scalar other than `true`, `false`, `null` and decimal integers is a string.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, cast

import yaml

from environments.errors import ABSENT, Mistake, SettingsError, dotted, quote_value

Steps = tuple[str | int, ...]
"""The path to a value: keys and indices."""

# Settings go two levels deep; the limit keeps hostile nesting from exhausting the stack.
_DEEPEST: Final = 8
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
# Eighteen digits are more than any setting needs, and short enough for `int`.
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMPTY: Final = "is empty; `iot-dr env new` writes a file to start from"
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, the line of each key, and the mistakes in its YAML.

    `file` is its name in mistakes. `refused` are keys whose value in `data` is only a placeholder
    for a refused value; `empty` are keys without a value, which is null in YAML.
    """

    file: str
    data: dict[str, object]
    lines: dict[Steps, int]
    mistakes: tuple[Mistake, ...]
    refused: frozenset[Steps]
    empty: frozenset[Steps]

    @property
    def environment(self) -> str:
        """The name of the environment, which is that of the file."""
        return PurePath(self.file).stem

    def mistake(self, steps: Steps, message: str, value: object = ABSENT) -> Mistake:
        """Return a mistake at a key, with the line of the nearest block if the key is missing."""
        lines = (self.lines.get(steps[:length]) for length in range(len(steps), 0, -1))
        return Mistake(self.file, next(filter(None, lines), None), dotted(steps), value, message)


def read(content: bytes, file: str) -> Document:
    """Parse `content`; `file` is its name in mistakes.

    Raises SettingsError if it is not a YAML mapping in UTF-8; lesser mistakes are in `mistakes`.
    """
    text = _decoded(content, file)
    try:
        return _Builder(text, file).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "a character is not allowed"
        line = mark.line + 1 if mark else None
        raise _broken(file, line, f"is not valid YAML: {problem}") from None


def _decoded(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _broken(file, line, "is not UTF-8; expected text in UTF-8") from None
    if match := _CONTROL.search(text):
        line = text.count("\n", 0, match.start()) + 1
        message = f"contains the control character {match.group()!r}; expected plain text"
        raise _broken(file, line, message)
    return text


def _broken(file: str, line: int | None, message: str) -> SettingsError:
    return SettingsError((Mistake(file, line, "", ABSENT, f"the file {message}"),))


class _Builder:
    """Builds the data from the parser's events, and collects mistakes."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        self._file = file
        self._lines: dict[Steps, int] = {}
        self._mistakes: list[Mistake] = []
        self._refused: set[Steps] = set()
        self._empty: set[Steps] = set()

    def document(self) -> Document:
        """Return the only document of the stream; raises SettingsError if there is not one."""
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise _broken(self._file, None, _EMPTY)
        data = self._root(next(self._events))
        next(self._events)  # the end of the document
        following = next(self._events)
        if isinstance(following, yaml.DocumentStartEvent):
            raise _broken(self._file, _line(following), "has a second document; expected one")
        return Document(
            file=self._file,
            data=data,
            lines=self._lines,
            mistakes=tuple(self._mistakes),
            refused=frozenset(self._refused),
            empty=frozenset(self._empty),
        )

    def _root(self, event: yaml.Event) -> dict[str, object]:
        self._refuse_extras(event, ())
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(())
        if isinstance(event, yaml.ScalarEvent) and _scalar(event) is None:
            raise _broken(self._file, None, _EMPTY)
        raise _broken(
            self._file, _line(event), "is not a mapping; expected keys: `project: example`"
        )

    def _value(self, event: yaml.Event, steps: Steps) -> object:
        self._lines.setdefault(steps, _line(event))
        if len(steps) > _DEEPEST:
            raise _broken(self._file, _line(event), f"is nested deeper than {_DEEPEST} levels")
        self._refuse_extras(event, steps)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(steps)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(steps)
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and not event.value:
            self._empty.add(steps)
        return _scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def _mapping(self, steps: Steps) -> dict[str, object]:
        data: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, steps)
            inner = (*steps, key)
            first = self._lines.setdefault(inner, _line(event))
            if key in data:
                self._note(event, inner, f"is given twice; it is already in line {first}")
            value = self._value(next(self._events), inner)
            data.setdefault(key, value)
        return data

    def _sequence(self, steps: Steps) -> list[object]:
        data: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            data.append(self._value(event, (*steps, len(data))))
        return data

    def _key(self, event: yaml.Event, steps: Steps) -> str:
        if isinstance(event, yaml.AliasEvent):
            self._refuse_extras(event, (*steps, f"*{event.anchor}"))
            return f"*{event.anchor}"
        if not isinstance(event, yaml.ScalarEvent):
            raise _broken(
                self._file, _line(event), "has a list or a mapping as a key; expected a string"
            )
        inner = (*steps, event.value)
        self._refuse_extras(event, inner)
        if event.implicit[0] and event.value == "<<":
            self._refuse(event, inner, "is a merge key; expected the merged keys")
        elif not isinstance(_scalar(event), str):
            self._refuse(event, inner, "is not a string; expected the key in quotes")
        return event.value

    def _refuse_extras(self, event: yaml.Event, steps: Steps) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, steps, f"uses the alias *{event.anchor}; expected the value")
            return
        if anchor := getattr(event, "anchor", None):
            self._note(event, steps, f"has the anchor &{anchor}; expected no anchor")
        if tag := getattr(event, "tag", None):
            self._refuse(event, steps, f"has the tag {quote_value(tag)}; expected no tag")

    def _refuse(self, event: yaml.Event, steps: Steps, message: str) -> None:
        if steps:  # the content of a refused root is still read and checked
            self._refused.add(steps)
        self._note(event, steps, message)

    def _note(self, event: yaml.Event, steps: Steps, message: str) -> None:
        self._mistakes.append(Mistake(self._file, _line(event), dotted(steps), ABSENT, message))


def _line(event: yaml.Event) -> int:
    # The parser marks every event; only events that a program creates may have no mark.
    return cast("yaml.Mark", event.start_mark).line + 1


def _scalar(event: yaml.ScalarEvent) -> str | int | bool | None:
    if not event.implicit[0]:  # in quotes, or a block of text
        return event.value
    if event.value in _WORDS:
        return _WORDS[event.value]
    return int(event.value) if _INTEGER.fullmatch(event.value) else event.value
