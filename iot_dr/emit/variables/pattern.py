"""Literals and regular expressions in Terraform conditions; RE2 has no lookaheads."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from modules.template import escaped

_LOOKAHEAD: Final = re.compile(r"\(\?!([^()]*)\)")
# `\d` and the like match more than ASCII in Python.
_OTHER: Final = re.compile(r"\\\w|\(\?(?!:)")


def conditions(pattern: str, value: str) -> Iterator[str]:
    r"""Yield conditions that are all true exactly if `pattern` matches a whole text.

    `value` is the expression of that text. What a negative lookahead refuses is a condition of its
    own, which means the same only if the lookahead applies at one position of a text, as at its
    start: the tests compare Terraform with Python for each setting. Raises ValueError for other
    groups with `?`, and for classes of characters such as `\d`.
    """
    positive = _LOOKAHEAD.sub("", pattern)
    if other := _OTHER.search(positive):
        raise ValueError(
            f"the pattern {pattern!r} cannot be used in Terraform because of {other[0]!r}"
        )
    yield f"can(regex({literal(f'^(?:{positive})$')}, {value}))"
    for look in _LOOKAHEAD.finditer(pattern):
        before = _LOOKAHEAD.sub("", pattern[: look.start()])
        yield f"!can(regex({literal(f'^{before}(?:{look[1]})')}, {value}))"


def literal(value: str | Sequence[str | int]) -> str:
    """Return printable ASCII text, or a list, as an expression such as `["auto", "latched"]`.

    For these, escapes in JSON and in Terraform differ only in templates.
    """
    return escaped(json.dumps(value))
