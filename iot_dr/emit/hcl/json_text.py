"""Templates as HCL; those of JSON, such as policies, as calls of `jsonencode`."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from iot_dr.emit.hcl.expression import (
    Expression,
    Group,
    Token,
    TokenKind,
    call,
    flattened,
    number,
    sign,
    spaced,
)
from iot_dr.emit.hcl.scanner import Part, Sequence, parse_template
from iot_dr.emit.hcl.shape import BlockOf, blocks_of
from iot_dr.emit.hcl.value import Style, expression_of, key_of, parts_of, quoted, sole_expression
from iot_dr.terraform.standin import schema
from iot_dr.terraform_json.json_value import Json

# Private use characters replace interpolations while JSON is parsed.
_FIRST_MARK = 0xF0000
_MARK = re.compile("([\U000f0000-\U0010ffff])")
_WRITTEN_MARK = re.compile(r"[\U000f0000-\U0010ffff]|\\u[dD][bB]")
_STRING_OR_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[\U000f0000-\U0010ffff]', re.DOTALL)

_ATTRIBUTE = re.compile(r"(data\.)?(\w+)\.[\w-]+(?:\[[^]]*\])?\.(\w+)")
_VALUE = re.compile(r"(var|local)\.([\w-]+)")
_MEMBER = re.compile(r"(var\.\w+)\.(\w+)")
_ALWAYS = re.compile(r"each\.key|terraform\.workspace|path\.\w+")
_FUNCTIONS = frozenset(("format", "join", "lower", "replace", "substr", "tostring", "upper"))
_KINDS: tuple[schema.Kind, ...] = ("resource", "data")


def templated(is_string: Callable[[Expression], bool]) -> Style:
    """Return the style of templates; `is_string` is a predicate like `KnownStrings`."""

    def written(text: str) -> Expression:
        parts = parts_of(text)
        return sole_expression(parts) or _encoded(parts, is_string) or (quoted(parts),)

    return Style(text=written, key=lambda text: key_of(parts_of(text)))


class _Number(str):
    """A number in its original notation, so that no digit is lost."""

    __slots__ = ()


def _encoded(parts: list[Part], is_string: Callable[[Expression], bool]) -> Expression | None:
    """Return a template of a JSON object or array as a call of `jsonencode`.

    None for another template, and if the meaning could differ for some values of interpolations.
    """
    literal = "".join(part for part in parts if isinstance(part, str))
    if not literal.lstrip().startswith(("{", "[")) or _WRITTEN_MARK.search(literal):
        return None
    try:
        return call("jsonencode", _Template(parts, is_string).value())
    except ValueError:
        return None


class _Template:
    """A template of JSON; raises ValueError if it is not one, or if its meaning could change.

    An interpolation is text in a string, or a `jsonencode` of a value in its place.
    """

    def __init__(self, parts: list[Part], is_string: Callable[[Expression], bool]) -> None:
        numbers = count(_FIRST_MARK)
        marked = [
            (part, part) if isinstance(part, str) else (chr(next(numbers)), part) for part in parts
        ]
        self._sequences = {mark: part for mark, part in marked if isinstance(part, Sequence)}
        self._values: dict[str, Expression] = {}
        self._text = _STRING_OR_MARK.sub(self._outside, "".join(mark for mark, _ in marked))
        self._is_string = is_string

    def value(self) -> Expression:
        """Return the encoded value as an expression."""
        value: Json = json.loads(
            self._text,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refused,
            object_pairs_hook=_members,
        )
        return expression_of(value, Style(text=self._written, key=self._key))

    def _outside(self, match: re.Match[str]) -> str:
        """Quote an interpolated `jsonencode`, which is outside of strings."""
        if match[0] not in self._sequences:
            return match[0]
        match self._sequences[match[0]].expression:
            case (Token(text="jsonencode"), Group(items=(value,))):
                self._values[match[0]] = value
                return f'"{match[0]}"'
            case _:
                raise ValueError("an interpolation outside of a string is not a jsonencode call")

    def _written(self, text: str) -> Expression:
        if text in self._values:
            return self._values[text]
        if isinstance(text, _Number):
            return (number(text),)
        parts = self._split(text)
        expression = sole_expression(parts)
        if expression is None:
            return (quoted(parts),)
        return expression if self._is_string(expression) else call("tostring", expression)

    def _key(self, text: str) -> Expression:
        if text in self._values:
            raise ValueError("the name is a jsonencode call, and may not be a string")
        return key_of(self._split(text))

    def _split(self, text: str) -> list[Part]:
        if not unicodedata.is_normalized("NFC", text):
            raise ValueError("Terraform would normalize the text (NFC)")
        parts = [self._sequences.get(piece, piece) for piece in _MARK.split(text) if piece]
        if not all(isinstance(part, str) or _is_plain(part) for part in parts):
            raise ValueError("an interpolation may contain quotes or escapes")
        return parts


def _is_plain(sequence: Sequence) -> bool:
    r"""Whether an interpolation apparently contains no characters with a meaning in JSON.

    A separator such as `"\",\""` would split a string.
    """
    return not any(
        token.kind is TokenKind.QUOTED and "\\" in token.text
        for token in flattened(sequence.expression)
    )


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a duplicate name")
    return members


class KnownStrings:
    """Predicate: whether an expression in a document is surely a string or null."""

    def __init__(self, document: Mapping[str, Any], block: BlockOf) -> None:
        self._block = block
        self._types = {
            (kind, type_) for kind in _KINDS for (type_, _), _ in blocks_of(document, kind, 2)
        }
        self._types_of = {
            f"var.{name}": str(body.get("type"))
            for (name,), body in blocks_of(document, "variable", 1)
        }
        self._values = {name: type_ == "string" for name, type_ in self._types_of.items()}
        self._locals = {
            f"local.{name}": value
            for _, body in blocks_of(document, "locals", 0)
            for name, value in body.items()
        }

    def __call__(self, expression: Expression) -> bool:
        """Whether an expression is surely a string or null."""
        match expression:
            case (Token(kind=TokenKind.QUOTED, text=text),):
                return parse_template(text[1:-1])[::2] != ["", ""]
            case (Token(text="coalesce"), Group(bracket="(", items=items)):
                return all(map(self, items))
            case (Token(text=function), Group(bracket="(")):
                return function in _FUNCTIONS
            case _ if sign("?") in expression and sign(":") in expression:
                positive, negative = expression.index(sign("?")) + 1, expression.index(sign(":"))
                return self(expression[positive:negative]) and self(expression[negative + 1 :])
            case _:
                return self._is_named(spaced(flattened(expression)))

    def _is_named(self, name: str) -> bool:
        if _VALUE.fullmatch(name):
            return self._is_value(name)
        if member := _MEMBER.fullmatch(name):
            return (
                re.search(rf"\b{member[2]} = string\b", self._types_of.get(member[1], ""))
                is not None
            )
        if attribute := _ATTRIBUTE.fullmatch(name):
            kind: schema.Kind = "data" if attribute[1] else "resource"
            if (kind, attribute[2]) not in self._types:
                return False
            attribute_schema = self._block(kind, attribute[2]).attributes.get(attribute[3])
            return attribute_schema is not None and attribute_schema.type == "string"
        return bool(_ALWAYS.fullmatch(name))

    def _is_value(self, name: str) -> bool:
        if name not in self._values:
            # Ends the recursion for a cycle, which Terraform refuses.
            self._values[name] = False
            value = self._locals.get(name)
            parts = parts_of(value) if isinstance(value, str) else []
            expression = sole_expression(parts)
            self._values[name] = self(expression) if expression else isinstance(value, str)
        return self._values[name]
