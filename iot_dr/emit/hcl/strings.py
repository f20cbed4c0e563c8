"""Which expressions of a document give a string."""

import re
from collections.abc import Mapping
from typing import Any

from iot_dr.emit.hcl.expression import Expression, Group, Kind, Token, flattened, sign
from iot_dr.emit.hcl.instances import blocks_of
from iot_dr.emit.hcl.scanner import template
from iot_dr.emit.hcl.shape import BlockOf
from iot_dr.emit.hcl.spacing import spaced
from iot_dr.emit.hcl.template import parts_of, sole_expression
from iot_dr.terraform.standin import schema

_ATTRIBUTE = re.compile(r"(data\.)?(\w+)\.[\w-]+(?:\[[^]]*\])?\.(\w+)")
_VALUE = re.compile(r"(var|local)\.([\w-]+)")
_ALWAYS = re.compile(r"each\.key|terraform\.workspace|path\.\w+")
_FUNCTIONS = frozenset(("format", "join", "lower", "replace", "substr", "tostring", "upper"))
_KINDS: tuple[schema.Kind, ...] = ("resource", "data")


class KnownStrings:
    """Tells of which expressions in a document the value is surely a string, or null."""

    def __init__(self, document: Mapping[str, Any], block: BlockOf) -> None:
        self._block = block
        self._types = {
            (kind, type_) for kind in _KINDS for (type_, _), _ in blocks_of(document, kind, 2)
        }
        self._values = {
            f"var.{name}": body.get("type") == "string"
            for (name,), body in blocks_of(document, "variable", 1)
        }
        self._locals = {
            f"local.{name}": value
            for _, body in blocks_of(document, "locals", 0)
            for name, value in body.items()
        }

    def __call__(self, expression: Expression) -> bool:
        """Tell whether the value of an expression is known to be a string."""
        match expression:
            case (Token(kind=Kind.QUOTED, text=text),):
                return template(text[1:-1])[::2] != ["", ""]
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
        if attribute := _ATTRIBUTE.fullmatch(name):
            kind: schema.Kind = "data" if attribute[1] else "resource"
            if (kind, attribute[2]) not in self._types:
                return False
            found = self._block(kind, attribute[2]).attributes.get(attribute[3])
            return found is not None and found.type == "string"
        return bool(_ALWAYS.fullmatch(name))

    def _is_value(self, name: str) -> bool:
        if name not in self._values:
            # One that refers to itself, which Terraform refuses, ends here.
            self._values[name] = False
            value = self._locals.get(name)
            parts = parts_of(value) if isinstance(value, str) else []
            expression = sole_expression(parts)
            self._values[name] = self(expression) if expression else isinstance(value, str)
        return self._values[name]
