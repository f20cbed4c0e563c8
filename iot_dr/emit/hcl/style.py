"""How the strings in a value are meant, and so how they are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from iot_dr.emit.hcl.expression import Expression, Group, is_bare_key, word
from iot_dr.emit.hcl.scanner import Part, scanned
from iot_dr.emit.hcl.template import quoted, quoted_key, sole_expression

# Terraform still takes them, and its formatter writes them out.
_OLD_TYPES = {name: f"{name}(any)" for name in ("list", "map", "set")}


def key_of(parts: list[Part]) -> Expression:
    """Write the key of an object: a name, a quoted string, or an expression in parentheses."""
    expression = sole_expression(parts)
    if expression:
        return (Group("(", (expression,)),)
    match parts:
        case [str(name)] if is_bare_key(name):
            return (word(name),)
        case _:
            return (quoted_key(parts),)


def _name(key: str) -> Expression:
    return key_of([key])


def _verbatim(text: str) -> Expression:
    return (quoted([text]),)


@dataclass(frozen=True, kw_only=True)
class Style:
    """Writes strings and the keys of objects; a key in `members` has a value of another style."""

    text: Callable[[str], Expression]
    key: Callable[[str], Expression] = _name
    members: Mapping[str, "Style"] = field(default_factory=dict[str, "Style"])


LITERAL: Final = Style(text=_verbatim)
"""Strings that Terraform takes as they are, such as a variable's default."""

REFERENCE: Final = Style(text=scanned, key=scanned)
"""Strings that are expressions, such as a provider or what a resource depends on."""

TYPE: Final = Style(text=lambda text: scanned(_OLD_TYPES.get(text, text)))
"""Constraints of a variable's type."""

REQUIREMENT: Final = Style(text=_verbatim, members={"configuration_aliases": REFERENCE})
"""A provider that is required."""
