"""Evaluates expressions of JSON configuration that need no plan."""

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
    """A Terraform function: the types that it accepts, and its implementation."""

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
DEEPEST: Final = 30
"""Nested definitions and templates: real ones are three deep; the limit stops hostile ones."""
LONGEST: Final = 65_536
"""Characters of a resolved template, which hostile ones can exceed."""


class _Unknown:
    """The type of `UNKNOWN`."""


UNKNOWN: Final = _Unknown()
"""A value that is known only to a plan."""


class Evaluator:
    """Evaluates literals, variables, locals, conditions on them, and a few functions."""

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        self._definitions = definitions
        self._met: dict[str, Json] = {}
        self._depth = 0

    def evaluate(self, value: Json) -> Json:
        """Evaluate a value; `UNKNOWN` if it is null or not known.

        Strings inside a list or an object are returned unevaluated.
        """
        if not isinstance(value, str):
            return UNKNOWN if value is None else value
        if not has_expression(value):
            return literal(value)
        (first, *more) = parts(value)
        is_whole = not more and first.is_expression and value.startswith("${")
        return self._expression(value[2:-1].strip()) if is_whole else UNKNOWN

    def _expression(self, text: str) -> Json:
        if text in self._met or self._depth >= DEEPEST:
            return self._met.get(text, UNKNOWN)
        # A definition that refers to itself is unknown.
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
            constant = json.loads(text)
        except (ValueError, RecursionError):
            return UNKNOWN
        return self.evaluate(constant) if isinstance(constant, str) else constant

    def _defined(self, reference: str) -> Json:
        path = steps(reference)
        name = ".".join(map(str, path[:2]))
        if EACH_KEY in path or "*" in path or name not in self._definitions:
            return UNKNOWN
        value, rest = descend(self.evaluate(self._definitions[name]), path[2:])
        if rest:
            return UNKNOWN
        return self.evaluate(value) if path[2:] else value

    def _called(self, function: str, given: Json) -> Json:
        known = _FUNCTIONS[function]
        return known.gives(given) if type(given) in known.takes else UNKNOWN

    def _chosen(self, left: str, sign: str | None, right: str | None, yes: str, no: str) -> Json:
        is_so = self._expression(left)
        if sign is not None and right is not None:
            against = self._expression(right)
            if UNKNOWN in (is_so, against):
                return UNKNOWN
            # == compares types too: 1 is neither "1" nor true
            # (developer.hashicorp.com/terraform/language/expressions/operators).
            is_so = ((type(is_so), is_so) == (type(against), against)) is (sign == "==")
        return self._expression(yes if is_so else no) if isinstance(is_so, bool) else UNKNOWN
