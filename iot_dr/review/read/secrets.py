"""The sensitive values of all plans in a review."""

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
# Up to this many secrets, searching for each is faster than looking up the start of each substring.
_FEW: Final = 150
# Limits of a search, in compared characters: for each character of the text, and for any text.
# Only a text crafted for it exceeds them, and counts as secret.
_COST_PER_CHARACTER: Final = 500
_FREE_COST: Final = 500_000
# The fixed cost of one comparison, in characters.
_COST_PER_COMPARISON: Final = 64
# Terraform wraps the lines of an error and draws a frame around them.
_SPACE: Final = re.compile(r"[\s│╷╵]+")
_ODD_SPACE: Final = re.compile(r"[^\S ]|  |[│╷╵]")
_IDENTITY: Final = re.compile(r"[\w:/.*@-]{6,255}", re.ASCII)
_ARGUMENT: Final = re.compile(r"[a-z_]+")
# Keywords of policies and templates; as secrets they would be hidden in every other document.
_KEYWORD: Final = re.compile(r"[A-Za-z_$][A-Za-z_$/.-]*(:{1,2}[A-Za-z_/.-]+)*")
# Lines that many files share, such as section headers, region names and PEM headers.
_COMMON_LINE: Final = re.compile(
    r"\[?[A-Za-z_.-]+[\]\s:={\[(]*|[a-z]{2}(-[a-z]+)+-\d|-----(BEGIN|END) [A-Z\d ]+-----"
)
# The most lines of one text that are added as secrets: their forms take more memory than the text.
_MAX_LINES: Final = 500


class _TooMuchError(Exception):
    """A search exceeds its limit."""


class Secrets(Masking):
    """Sensitive values, and the search for them where no mask marks them: in errors, other values.

    Values of fewer than 6 characters are not searched for: they would match by chance. All white
    space is equal.
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
        """Add the strings and numbers in a value as secrets, in all their encodings.

        Also adds the first 500 lines of a string that are not common ones, the values in a string
        that is JSON, and keys that are neither argument names nor, in JSON, keywords. A part of a
        line, such as the value in `PASSWORD=...`, is not a secret of its own.
        """
        pending = [value]
        while pending:
            item = pending.pop()
            if is_mapping(item):
                pending += (key for key in item if not _is_argument(key))
                pending += item.values()
            elif is_sequence(item):
                pending += item
            elif isinstance(item, str):
                pending += self._add_text(item)
            elif isinstance(item, float):
                self._add_secret(msgspec.json.encode(item).decode())
                self._add_secret(f"{item:.0f}" if item.is_integer() else "")
            elif isinstance(item, int) and not isinstance(item, bool):
                self._add_secret(msgspec.json.encode(item).decode())

    def masked(self, change: ChangeFields, *, is_before: bool) -> Json:
        """Return the values of one side, with stand-ins for what a mask of either side covers."""
        if not marks_any(change.before_sensitive) and not marks_any(change.after_sensitive):
            return super().masked(change, is_before=is_before)
        before = Side.of(change.before, change.before_sensitive)
        after = Side.of(change.after, change.after_sensitive)
        return self._masked(*((before, after) if is_before else (after, before)))

    def replaced(self, value: Json) -> Json:
        """Return a value of the same shape with a stand-in for each scalar and map key.

        Null, and keys that look like names of arguments, are kept.
        """
        if is_mapping(value):
            return {
                name if _is_argument(name) else self.stand_in(name): self.replaced(item)
                for name, item in value.items()
            }
        if is_sequence(value):
            return [self.replaced(item) for item in value]
        return None if value is None else self.stand_in(value)

    def stand_in(self, value: Json) -> str:
        """Return the text that replaces a sensitive value in the rules: the same for equal values.

        `hidden` turns it into `(sensitive)`. A name or an id is kept if it is a known secret:
        rules and impacts follow references by it, and `hidden` hides it as well.
        """
        if isinstance(value, str) and _IDENTITY.fullmatch(value) and value in self._values:
            return value
        key = encoded(value)
        if key not in self._stand_ins:
            stand_in = f"(sensitive-{len(self._stand_ins) + 1})"
            self._stand_ins[key] = stand_in
            self._add_secret(stand_in)
            # Record types are converted to upper case.
            self._add_secret(stand_in.upper())
        return self._stand_ins[key]

    def is_in(self, text: str) -> bool:
        """Whether a text contains a secret; True also if the search would take too long."""
        if not self._values or len(text) < _SHORTEST:
            return False
        text = _plain(text)
        if len(self._values) <= min(_FEW, len(text)):
            return any(secret in text for secret in self._values)
        try:
            return text in self._values or next(self._matches(text), None) is not None
        except _TooMuchError:
            return True

    def hidden(self, text: str) -> str:
        """Return a text with `(sensitive)` in place of each secret.

        The whole text is replaced if the search would take too long.
        """
        if not self.is_in(text):
            return text
        places = _places(text)
        parts: list[str] = []
        end = 0
        try:
            for first, last in self._matches(_plain(text)):
                start, stop = places[first], places[last - 1] + 1
                if start >= end:
                    parts += text[end:start], SENSITIVE.text
                # Secrets that overlap are hidden as one.
                end = max(end, stop)
        except _TooMuchError:
            return SENSITIVE.text
        return "".join((*parts, text[end:]))

    def _masked(self, side: Side, other: Side) -> Json:
        side, other = (
            each if each.value is None else each.with_fitted_mask() for each in (side, other)
        )
        value = side.value
        if side.sensitive is True or other.sensitive is True:
            return self.replaced(value)
        if not marks_any(side.sensitive) and not marks_any(other.sensitive):
            return value
        if is_mapping(value):
            return {name: self._masked(side.child(name), other.child(name)) for name in value}
        if is_sequence(value):
            return [self._masked(side.child(at), other.child(at)) for at in range(len(value))]
        return value

    def _add_text(self, text: str) -> Sequence[Json]:
        """Add a string as a secret; return the values in it if it is a JSON document."""
        if text in self._added:
            return ()
        self._added.add(text)
        for form in {*forms(text)}:
            self._add_secret(form)
        content = document(text)
        if content:
            return _parts(content)
        lines = [line.strip() for line in text.splitlines()[:_MAX_LINES]]
        for line in lines if len(lines) > 1 else ():
            if not _COMMON_LINE.fullmatch(line):
                self._add_secret(line)
                self._add_secret(msgspec.json.encode(line).decode()[1:-1])
        return ()

    def _add_secret(self, text: str) -> None:
        text = _plain(text).strip()
        if len(text) >= _SHORTEST and text not in self._values:
            self._values.add(text)
            self._add_size(text[:_SHORTEST], len(text))

    def _add_size(self, start: str, size: int) -> None:
        known = self._sizes.get(start)
        if isinstance(known, set):
            known.add(size)
        elif known is None:
            # Nearly every start has one size: tuples are shared to save memory.
            self._sizes[start] = self._single.setdefault(size, (size,))
        else:
            self._sizes[start] = {*known, size}

    def _matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of the longest secret at each position of a text."""
        remaining = _FREE_COST + _COST_PER_CHARACTER * len(text)
        for at in range(len(text) - _SHORTEST + 1):
            if sizes := self._sizes.get(text[at : at + _SHORTEST]):
                remaining -= sum(sizes) + _COST_PER_COMPARISON * len(sizes)
                if remaining < 0:
                    raise _TooMuchError
                matching = [size for size in sizes if text[at : at + size] in self._values]
                if matching:
                    # At the end of the text, a slice may be shorter than its size.
                    yield at, min(at + max(matching), len(text))


def _is_argument(key: str) -> bool:
    """Whether a key looks like the name of a Terraform argument."""
    return _ARGUMENT.fullmatch(key) is not None


def _parts(value: Json) -> list[Json]:
    """Return the scalar values of a JSON document, and its keys that are not keywords."""
    pending, parts = [value], list[Json]()
    while pending:
        item = pending.pop()
        if is_mapping(item):
            parts += (key for key in item if not _KEYWORD.fullmatch(key))
            pending += item.values()
        elif is_sequence(item):
            pending += item
        else:
            parts.append(item)
    return parts


def _plain(text: str) -> str:
    """Return a text with one space for each run of white space and Terraform's frame characters."""
    return _SPACE.sub(" ", text) if _ODD_SPACE.search(text) else text


def _places(text: str) -> Sequence[int]:
    """Return, for each character of `_plain(text)`, its position in the text."""
    if not _ODD_SPACE.search(text):
        return range(len(text))
    places: list[int] = []
    end = 0
    for run in _SPACE.finditer(text):
        places += range(end, run.start() + 1)
        end = run.end()
    places += range(end, len(text))
    return places
