"""The sensitive values of the plans that are reviewed together."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from iot_dr.review.read.attribute_diff import SENSITIVE
from iot_dr.review.read.secret_forms import forms
from iot_dr.review.read.side import Side, encoded
from iot_dr.review.read.text_diff import document
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from iot_dr.terraform_json.plan.masks import Masking, marks_any
from iot_dr.terraform_json.plan.structs import ChangeFields

_SHORTEST: Final = 6
# So many are looked for one by one faster than by their beginnings.
_FEW: Final = 150
# Characters that may be compared for each one of a text, and for a text however short: beyond
# that a text, which must be made for it, counts as secret.
_MOST: Final = 500
_LEAST_MOST: Final = 500_000
# What it takes to compare a secret, in characters.
_EACH: Final = 64
# Errors are wrapped, and stand in a frame.
_SPACE: Final = re.compile(r"[\s│╷╵]+")
_ODD_SPACE: Final = re.compile(r"[^\S ]|  |[│╷╵]")
_IDENTITY: Final = re.compile(r"[\w:/.*@-]{6,255}", re.ASCII)
_ARGUMENT: Final = re.compile(r"[a-z_]+")
# Keys that policies and templates share; hiding them would hide them in every other document.
_KEYWORD: Final = re.compile(r"[A-Za-z_$][A-Za-z_$/.-]*(:{1,2}[A-Za-z_/.-]+)*")
# Lines that files of one kind share, as a word of letters and the frame of a certificate are.
_COMMON_LINE: Final = re.compile(
    r"\[?[A-Za-z_.-]+[\]\s:={\[(]*|[a-z]{2}(-[a-z]+)+-\d|-----(BEGIN|END) [A-Z\d ]+-----"
)
# Lines learned of one text: of a longer one they would take more memory than it does.
_LINES: Final = 500


class _TooMuchError(Exception):
    """A text takes too long to search."""


class Secrets(Masking):
    """Knows what is sensitive, and finds it where nothing marks it: in errors, in other values.

    Texts of less than 6 characters are not looked for: they would be found by chance. Any white
    space is the same as any other.
    """

    def __init__(self) -> None:
        self._added: set[str] = set()
        self._values: set[str] = set()
        self._sizes: dict[str, Collection[int]] = {}
        self._single: dict[int, tuple[int]] = {}
        self._stand_ins: dict[bytes, str] = {}

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: Json) -> None:
        """Learn the strings and numbers in a value, in all their forms.

        Also each line of a string, at most 500 of them and none that is a single word, and the
        parts of a string that is JSON. Keys are learned unless they look like the names of
        arguments, or in JSON like keywords: objects are marked as a whole too. What is only a part
        of a line, as the value in `PASSWORD=...`, is not found where it stands alone.
        """
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if is_mapping(each):
                waiting += (key for key in each if not _is_argument(key))
                waiting += each.values()
            elif is_sequence(each):
                waiting += each
            elif isinstance(each, str):
                waiting += self._add_text(each)
            elif isinstance(each, float):
                self._learn(msgspec.json.encode(each).decode())
                self._learn(f"{each:.0f}" if each.is_integer() else "")
            elif isinstance(each, int) and not isinstance(each, bool):
                self._learn(msgspec.json.encode(each).decode())

    def masked(self, change: ChangeFields, *, is_before: bool) -> Json:
        """Return the values of a side; a mask on either side hides both, as in a difference."""
        before = Side.of(change.before, change.before_sensitive)
        after = Side.of(change.after, change.after_sensitive)
        return self._masked(*((before, after) if is_before else (after, before)))

    def replaced(self, value: Json) -> Json:
        """Return a value of the same shape, with a stand-in for each text, number and map's key."""
        if is_mapping(value):
            return {
                name if _is_argument(name) else self.stand_in(name): self.replaced(each)
                for name, each in value.items()
            }
        if is_sequence(value):
            return [self.replaced(each) for each in value]
        return None if value is None else self.stand_in(value)

    def stand_in(self, value: Json) -> str:
        """Return a text that stands for a sensitive value: the same for equal ones.

        `hidden` puts `(sensitive)` in its place. A name or an id stands for itself where it is
        known: without it nobody could tell what depends on what.
        """
        if isinstance(value, str) and _IDENTITY.fullmatch(value) and value in self._values:
            return value
        key = encoded(value)
        if key not in self._stand_ins:
            made = f"(sensitive-{len(self._stand_ins) + 1})"
            self._stand_ins[key] = made
            self._learn(made)
            # Types of records are compared so.
            self._learn(made.upper())
        return self._stand_ins[key]

    def is_in(self, text: str) -> bool:
        """Whether a secret is in a text."""
        if not self._values or len(text) < _SHORTEST:
            return False
        text = _plain(text)
        if len(self._values) <= min(_FEW, len(text)):
            return any(each in text for each in self._values)
        try:
            return text in self._values or next(self._found(text), None) is not None
        except _TooMuchError:
            return True

    def hidden(self, text: str) -> str:
        """Put `(sensitive)` in the place of each secret in a text."""
        if not self.is_in(text):
            return text
        places = _places(text)
        parts: list[str] = []
        end = 0
        try:
            for first, last in self._found(_plain(text)):
                start, stop = places[first], places[last - 1] + 1
                if start >= end:
                    parts += text[end:start], SENSITIVE.text
                # Of secrets that overlap nothing is left.
                end = max(end, stop)
        except _TooMuchError:
            return SENSITIVE.text
        return "".join((*parts, text[end:]))

    def _masked(self, side: Side, other: Side) -> Json:
        side, other = (each if each.value is None else each.shaped() for each in (side, other))
        value = side.value
        if side.sensitive is True or other.sensitive is True:
            return self.replaced(value)
        if not marks_any(side.sensitive) and not marks_any(other.sensitive):
            return value
        if is_mapping(value):
            return {name: self._masked(side.inner(name), other.inner(name)) for name in value}
        if is_sequence(value):
            return [self._masked(side.inner(at), other.inner(at)) for at in range(len(value))]
        return value

    def _add_text(self, text: str) -> Sequence[Json]:
        """Learn a text; return what else is in it."""
        if text in self._added:
            return ()
        self._added.add(text)
        for each in {*forms(text)}:
            self._learn(each)
        found = document(text)
        if found:
            return _parts(found)
        lines = [line.strip() for line in text.splitlines()[:_LINES]]
        for line in lines if len(lines) > 1 else ():
            if not _COMMON_LINE.fullmatch(line):
                self._learn(line)
                self._learn(msgspec.json.encode(line).decode()[1:-1])
        return ()

    def _learn(self, text: str) -> None:
        text = _plain(text).strip()
        if len(text) >= _SHORTEST and text not in self._values:
            self._values.add(text)
            self._add_size(text[:_SHORTEST], len(text))

    def _add_size(self, start: str, size: int) -> None:
        known = self._sizes.get(start)
        if isinstance(known, set):
            known.add(size)
        elif known is None:
            # Nearly all are such; they share what they can.
            self._sizes[start] = self._single.setdefault(size, (size,))
        else:
            self._sizes[start] = {*known, size}

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where secrets begin in a text, and where the longest that begins there ends."""
        left = _LEAST_MOST + _MOST * len(text)
        for at in range(len(text) - _SHORTEST + 1):
            if sizes := self._sizes.get(text[at : at + _SHORTEST]):
                left -= sum(sizes) + _EACH * len(sizes)
                if left < 0:
                    raise _TooMuchError
                found = [size for size in sizes if text[at : at + size] in self._values]
                if found:
                    # At the end of the text a longer one finds a shorter one.
                    yield at, min(at + max(found), len(text))


def _is_argument(key: str) -> bool:
    """Whether a key looks like the name of an argument."""
    return _ARGUMENT.fullmatch(key) is not None


def _parts(value: Json) -> list[Json]:
    """Return what is in a document, and its keys but for those that are keywords."""
    waiting, found = [value], list[Json]()
    while waiting:
        each = waiting.pop()
        if is_mapping(each):
            found += (key for key in each if not _KEYWORD.fullmatch(key))
            waiting += each.values()
        elif is_sequence(each):
            waiting += each
        else:
            found.append(each)
    return found


def _plain(text: str) -> str:
    """Return a text with a space for each run of white space."""
    return _SPACE.sub(" ", text) if _ODD_SPACE.search(text) else text


def _places(text: str) -> Sequence[int]:
    """Return, for each character of the plain text, where it stands."""
    if not _ODD_SPACE.search(text):
        return range(len(text))
    places: list[int] = []
    end = 0
    for run in _SPACE.finditer(text):
        places += range(end, run.start() + 1)
        end = run.end()
    places += range(end, len(text))
    return places
