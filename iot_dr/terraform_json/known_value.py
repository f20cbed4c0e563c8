"""What an expression of JSON configuration gives, where that is known without a plan."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from iot_dr.terraform_json.expression import (
    EACH_KEY,
    has_expression,
    literal,
    parts,
    single_reference,
    steps,
)
from iot_dr.terraform_json.json_value import Json, descend

_OPERAND: Final = r'("[^"\\]*"|[^\s?:"=!]++)'
_CONDITION: Final = re.compile(
    rf"{_OPERAND}\s*(?:(==|!=)\s*{_OPERAND}\s*)?\?\s*{_OPERAND}\s*:\s*{_OPERAND}"
)


class _Function(NamedTuple):
    """A function of Terraform: the kinds of value that it takes, and what it gives."""

    takes: tuple[type, ...]
    gives: Callable[[Json], Json]


_FUNCTIONS: Final = {
    "keys": _Function((dict,), sorted),
    "length": _Function((dict, list), len),
    "lower": _Function((str,), str.lower),
    "tolist": _Function((list,), list),
    "tomap": _Function((dict,), dict),
    "toset": _Function((list,), list),
    "upper": _Function((str,), str.upper),
}
_CALL: Final = re.compile(rf"({'|'.join(_FUNCTIONS)})\((.*)\)", re.DOTALL)
# Names for names for names: real ones go three deep, and hostile ones must end.
_DEEPEST: Final = 30


class _Unknown:
    """The type of `UNKNOWN`."""


UNKNOWN: Final = _Unknown()
"""Stands for a value that only a plan tells."""


class KnownValues:
    """Evaluates literals, variables, locals, conditions between them, and a few functions."""

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        self._definitions = definitions
        self._met: dict[str, Json] = {}
        self._depth = 0

    def value(self, value: Json) -> Json:
        """Give what a value means; `UNKNOWN` where it is not known, or null.

        Texts within a list or an object stay as they are written.
        """
        if not isinstance(value, str):
            return UNKNOWN if value is None else value
        if not has_expression(value):
            return literal(value)
        (first, *more) = parts(value)
        is_whole = not more and first.is_expression and value.startswith("${")
        return self._expression(value[2:-1].strip()) if is_whole else UNKNOWN

    def _expression(self, text: str) -> Json:
        if text in self._met or self._depth >= _DEEPEST:
            return self._met.get(text, UNKNOWN)
        # One that leads back to itself is not known.
        self._met[text] = UNKNOWN
        self._depth += 1
        try:
            self._met[text] = self._evaluated(text)
        finally:
            self._depth -= 1
        return self._met[text]

    def _evaluated(self, text: str) -> Json:
        if single_reference(f"${{{text}}}"):
            return self._defined(text)
        if call := _CALL.fullmatch(text):
            return self._called(call.group(1), self._expression(call.group(2).strip()))
        if condition := _CONDITION.fullmatch(text):
            return self._chosen(*condition.groups())
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return UNKNOWN
        return self.value(found) if isinstance(found, str) else found

    def _defined(self, reference: str) -> Json:
        way = steps(reference)
        name = ".".join(map(str, way[:2]))
        if EACH_KEY in way or "*" in way or name not in self._definitions:
            return UNKNOWN
        found, rest = descend(self.value(self._definitions[name]), way[2:])
        if rest:
            return UNKNOWN
        return self.value(found) if way[2:] else found

    def _called(self, function: str, given: Json) -> Json:
        known = _FUNCTIONS[function]
        return known.gives(given) if type(given) in known.takes else UNKNOWN

    def _chosen(self, one: str, sign: str | None, other: str | None, yes: str, no: str) -> Json:
        is_so = self._expression(one)
        if sign is not None and other is not None:
            against = self._expression(other)
            if UNKNOWN in (is_so, against):
                return UNKNOWN
            # Terraform converts nothing to compare it: 1 is neither "1" nor true.
            is_so = ((type(is_so), is_so) == (type(against), against)) is (sign == "==")
        return self._expression(yes if is_so else no) if isinstance(is_so, bool) else UNKNOWN
