"""Parser of the TypeScript that cdktf and cdktn generate from a provider's schema.

It contains the whole schema: a comment before each member says who may set it, the class that wraps
a nested value gives its nesting, and the HCL tables give exact types.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

_CLASS = re.compile(r"^export class (\w+) extends cdkt[fn]\.(\w+) \{$", re.MULTILINE)
_MEMBER = re.compile(
    r"^  // (?P<name>\w+) - computed: (?P<computed>\w+), optional: (?P<optional>\w+),"
    r" required: (?P<required>\w+)\n"
    r"(?:  private _\w+(?: = new (?P<wrapper>.*)|\?: .*); ?\n)?"
    r"(?:  /\*\*\n(?:  \* .*\n)*  \*/\n)?"
    r"  public get \w+\(\) \{\n    return (?P<getter>.*);$",
    re.MULTILINE,
)
_HCL_FUNCTION = re.compile(
    r"^export function (\w+)ToHclTerraform\(.*?^  const attrs = \{\n(.*?)^  \};$",
    re.MULTILINE | re.DOTALL,
)
_HCL_METHOD = re.compile(
    r"^  protected synthesizeHclAttributes\(\).*?^    const attrs = \{\n(.*?)^    \};$",
    re.MULTILINE | re.DOTALL,
)
_HCL_ENTRY = re.compile(
    r"^ +(?P<name>\w+): \{\n +value: (?P<value>.*),\n +isBlock: \w+,\n"
    r" +type: \"(?P<type>\w+)\",\n +storageClassType: \"(?P<storage>\w+)\",$",
    re.MULTILINE,
)
# listMapper's second argument says whether the list is written as blocks.
_AS_ATTRIBUTE = re.compile(r"apperHcl\([^,()]+, false\)")
_HCL_STRUCT = re.compile(r"(\w+)ToHclTerraform\b(?=[,)])")
_TYPE_NAME = re.compile(r" tfResourceType = \"(\w+)\"")


class HclArgument(NamedTuple):
    """One row of an HCL table: an argument, how it is written, and its exact type."""

    name: str
    value: str
    type: str
    storage: str

    @property
    def is_attribute(self) -> bool:
        """Whether a list of objects is written as an attribute and not as blocks."""
        return _AS_ATTRIBUTE.search(self.value) is not None

    @property
    def struct(self) -> str | None:
        """The name of the struct whose table writes the value; None for other values."""
        match = _HCL_STRUCT.search(self.value)
        return match[1] if match else None


@dataclass(frozen=True, slots=True)
class Member:
    """One attribute or block of a class, with the code that wraps it and the code that reads it."""

    name: str
    computed: bool
    optional: bool
    required: bool
    wrapper: str | None
    getter: str


@dataclass(frozen=True, slots=True)
class GeneratedClass:
    """A class of a module: its base class, and its code."""

    base: str
    code: str

    @property
    def type_name(self) -> str | None:
        """The Terraform type of a resource or data source class; None for another class."""
        match = _TYPE_NAME.search(self.code)
        return match[1] if match else None

    @property
    def table(self) -> dict[str, HclArgument]:
        """The HCL table of a resource, data source or provider class; empty for another class."""
        match = _HCL_METHOD.search(self.code)
        return _entries(match[1]) if match else {}

    def members(self) -> Iterator[Member]:
        """Yield the members that have a comment on who may set them."""
        for match in _MEMBER.finditer(self.code):
            computed, optional, required = (
                match[mark] == "true" for mark in ("computed", "optional", "required")
            )
            yield Member(
                match["name"], computed, optional, required, match["wrapper"], match["getter"]
            )


@dataclass(frozen=True, slots=True)
class GeneratedModule:
    """A module's classes, and the HCL tables of its structs by the struct's name."""

    classes: Mapping[str, GeneratedClass]
    tables: Mapping[str, dict[str, HclArgument]]

    @classmethod
    def of(cls, code: str) -> Self:
        """Parse a module's code."""
        heads = list(_CLASS.finditer(code))
        bounds = [*(head.start() for head in heads), len(code)]
        classes = {
            head[1]: GeneratedClass(head[2], code[head.end() : end])
            for head, end in zip(heads, bounds[1:], strict=True)
        }
        tables = {match[1]: _entries(match[2]) for match in _HCL_FUNCTION.finditer(code)}
        return cls(classes, tables)


def _entries(table: str) -> dict[str, HclArgument]:
    return {match["name"]: HclArgument(*match.groups()) for match in _HCL_ENTRY.finditer(table)}
