"""The sensitive values of the plans that are reviewed together."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import msgspec

from iot_dr.resources.json_value import Json, is_mapping, is_sequence
from iot_dr.review.shown import SENSITIVE

_SHORTEST: Final = 6
# So many are looked for one by one faster than by their beginnings.
_FEW: Final = 24


class Secrets:
    """Knows what is sensitive, and finds it where nothing marks it: in errors, in other values.

    Texts of less than 6 characters are not looked for: they would be found by chance.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._sizes: defaultdict[str, set[int]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: Json) -> None:
        """Learn the texts and numbers in a value, as they are and as JSON writes them."""
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if is_mapping(each):
                waiting += each.values()
            elif is_sequence(each):
                waiting += each
            elif isinstance(each, str):
                self._learn(each)
                self._learn(_json(each)[1:-1])
            elif isinstance(each, int | float) and not isinstance(each, bool):
                self._learn(_json(each))

    def is_in(self, text: str) -> bool:
        """Tell whether a secret is in a text."""
        if not self._values or len(text) < _SHORTEST:
            return False
        if len(self._values) <= _FEW:
            return any(each in text for each in self._values)
        return text in self._values or next(self._found(text), None) is not None

    def hidden(self, text: str) -> str:
        """Put `(sensitive)` in the place of each secret in a text."""
        if not self.is_in(text):
            return text
        parts: list[str] = []
        end = 0
        for start, stop in self._found(text):
            if start >= end:
                parts += text[end:start], SENSITIVE.text
            # Of secrets that overlap nothing is left.
            end = max(end, stop)
        return "".join((*parts, text[end:]))

    def _learn(self, text: str) -> None:
        if len(text) >= _SHORTEST and text not in self._values:
            self._values.add(text)
            self._sizes[text[:_SHORTEST]].add(len(text))

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where secrets begin in a text, and where the longest that begins there ends."""
        for at in range(len(text) - _SHORTEST + 1):
            if sizes := self._sizes.get(text[at : at + _SHORTEST]):
                ends = [at + size for size in sizes if text[at : at + size] in self._values]
                if ends:
                    yield at, max(ends)


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
