"""Exact types of attributes, derived from how the generated code writes and reads them."""

import re
from collections.abc import Mapping

from iot_dr.terraform.standin.generated import HclArgument, Member
from iot_dr.terraform.standin.schema import CtyType

_PRIMITIVES: Mapping[str, CtyType] = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "any": "dynamic",
}
_ELEMENTS: Mapping[str, CtyType] = {
    **{f"{name}List": type_ for name, type_ in _PRIMITIVES.items()},
    **{f"{name}Map": type_ for name, type_ in _PRIMITIVES.items()},
    "stringListList": ["list", "string"],
    "stringListMap": ["list", "string"],
    "stringMapList": ["map", "string"],
    "stringMapMap": ["map", "string"],
}
_PRIMITIVE_MAP = re.compile(r"cdkt[fn]\.(String|Number|Boolean)Map\(")
_GETTER = re.compile(r"\.get(?P<base>String|Number|Boolean|AnyMap)?(?P<wrap>List|Map)?Attribute\(")


class SchemaParseError(ValueError):
    """The bindings contain code in a form that this parser does not know."""


def is_primitive(entry: HclArgument) -> bool:
    """Whether an argument is a plain string, number, boolean or any value."""
    return entry.storage in _PRIMITIVES


def written_type(entry: HclArgument) -> CtyType:
    """Return the type of an argument that an HCL table lists.

    Raises SchemaParseError if the table names a storage class that neither engine writes.
    """
    if entry.type == "simple" and entry.storage in _PRIMITIVES:
        return _PRIMITIVES[entry.storage]
    if entry.storage in _ELEMENTS:
        return [entry.type, _ELEMENTS[entry.storage]]
    raise SchemaParseError(f"{entry.name}: unknown storage class {entry.storage} of {entry.type}")


def read_type(member: Member) -> CtyType:
    """Return the type of a computed member, which no table lists, from its getter.

    `dynamic` if the getter does not show it.
    """
    if member.wrapper:
        primitive = _PRIMITIVE_MAP.match(member.wrapper)
        return ["map", _PRIMITIVES[primitive[1].lower()]] if primitive else "dynamic"
    getter = _GETTER.search(member.getter)
    if not getter:
        return "dynamic"
    base = _PRIMITIVES.get((getter["base"] or "String").lower(), "dynamic")
    if getter["wrap"] == "List":
        return ["set" if "Fn.tolist(" in member.getter else "list", base]
    return ["map", base] if getter["wrap"] == "Map" else base
