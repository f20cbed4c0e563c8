"""Reconstructs the provider's schema from the code that was generated from it."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from iot_dr.terraform.standin.cty import SchemaParseError, is_primitive, read_type, written_type
from iot_dr.terraform.standin.generated import GeneratedClass, GeneratedModule, HclArgument, Member
from iot_dr.terraform.standin.schema import (
    Attribute,
    CtyType,
    Kind,
    NestedBlock,
    Nesting,
    ProviderSchema,
    SchemaBlock,
    object_type,
)

_WRAPPER = re.compile(
    r"(?:\w+\.)?(?P<struct>\w+?)(?P<kind>OutputReference|List|Map)"
    r"\(this, \"\w+\"(?:, (?P<set>true|false))?\)"
)
_DOCUMENTATION = re.compile(
    r"//(?P<host>[\w.-]+)/providers/(?P<source>[\w-]+/aws)/(?P<version>[\d.]+)/docs"
)
_KINDS: Mapping[str, Kind] = {"TerraformResource": "resource", "TerraformDataSource": "data"}


def parse_provider(modules: Mapping[str, str]) -> ProviderSchema:
    """Return the schema in the modules of the bindings; takes about 2 seconds.

    Raises SchemaParseError if the code has a form that neither engine generates.
    """
    types: dict[tuple[Kind, str], SchemaBlock] = {}
    for code in modules.values():
        types.update(_ModuleParser(GeneratedModule.of(code)).types())
    code = modules.get("provider", "")
    documented = _DOCUMENTATION.search(code)
    if not documented:
        raise SchemaParseError("the module `provider` does not link to its documentation")
    provider = _ModuleParser(GeneratedModule.of(code)).provider()
    address = f"{documented['host']}/{documented['source']}"
    return ProviderSchema(address, documented["version"], provider, types)


class _ModuleParser:
    """Parses one module; each struct is parsed once."""

    def __init__(self, module: GeneratedModule) -> None:
        self._module = module
        self._structs: dict[str, SchemaBlock | None] = {}

    def types(self) -> Iterator[tuple[tuple[Kind, str], SchemaBlock]]:
        """Yield each resource and data source of the module."""
        for generated in self._module.classes.values():
            name = generated.type_name
            if generated.base in _KINDS and name:
                block = self._block(generated, generated.table)
                yield (_KINDS[generated.base], name), _without_dynamic_blocks(block)

    def provider(self) -> SchemaBlock:
        """Return the provider's own arguments; its class has no comments, only the table."""
        for generated in self._module.classes.values():
            if generated.base == "TerraformProvider":
                block = self._arguments(generated.table)
                # `alias` is Terraform's own meta-argument.
                block.attributes.pop("alias", None)
                return block
        raise SchemaParseError("the module `provider` has no provider class")

    def _arguments(self, table: Mapping[str, HclArgument]) -> SchemaBlock:
        block = SchemaBlock()
        for name, entry in table.items():
            inner = self._module.tables.get(entry.struct or "")
            if inner and not is_primitive(entry):
                nested = self._arguments(inner)
                block.blocks[name] = NestedBlock(_nesting(entry.type), 0, 0, nested)
            else:
                block.attributes[name] = Attribute(written_type(entry), optional=True)
        return block

    def _struct(self, name: str) -> SchemaBlock | None:
        """Parse a struct; return None if it occurs inside itself."""
        if name not in self._structs:
            self._structs[name] = None
            table = self._module.tables.get(name[0].lower() + name[1:], {})
            generated = self._module.classes[f"{name}OutputReference"]
            self._structs[name] = self._block(generated, table)
        return self._structs[name]

    def _block(self, generated: GeneratedClass, table: Mapping[str, HclArgument]) -> SchemaBlock:
        block = SchemaBlock()
        for member in generated.members():
            entry = table.get(member.name)
            wrapper = _WRAPPER.match(member.wrapper or "")
            if wrapper and f"{wrapper['struct']}OutputReference" in self._module.classes:
                self._add_nested(block, member, wrapper, entry)
            else:
                type_ = written_type(entry) if entry else read_type(member)
                block.attributes[member.name] = _attribute(type_, member)
        if missing := table.keys() - block.attributes.keys() - block.blocks.keys():
            raise SchemaParseError(f"members without a comment: {', '.join(sorted(missing))}")
        return block

    def _add_nested(
        self, block: SchemaBlock, member: Member, wrapper: re.Match[str], entry: HclArgument | None
    ) -> None:
        inner, nesting = self._struct(wrapper["struct"]), _wrapper_nesting(wrapper, entry)
        if inner is None:
            block.attributes[member.name] = _attribute("dynamic", member)
            return
        is_map = wrapper["kind"] == "Map"
        if member.computed or is_map or entry is None or entry.is_attribute:
            type_ = object_type(inner)
            wrapped = type_ if nesting == "single" else [nesting, type_]
            block.attributes[member.name] = _attribute(wrapped, member)
            return
        is_list = nesting != "single"
        most = int(is_list and wrapper["kind"] == "OutputReference")
        block.blocks[member.name] = NestedBlock(
            nesting, int(is_list and member.required), most, inner
        )


def _attribute(type_: CtyType, member: Member) -> Attribute:
    is_argument = member.required or member.optional
    # A member that cannot be set is computed.
    return Attribute(type_, member.required, member.optional, member.computed or not is_argument)


def _nesting(table_type: str) -> Nesting:
    return "single" if table_type == "struct" else cast("Nesting", table_type)


def _wrapper_nesting(wrapper: re.Match[str], entry: HclArgument | None) -> Nesting:
    if wrapper["kind"] == "Map":
        return "map"
    if entry:
        return _nesting(entry.type)
    if wrapper["kind"] == "OutputReference":
        return "single"
    return "set" if wrapper["set"] == "true" else "list"


def _without_dynamic_blocks(block: SchemaBlock) -> SchemaBlock:
    """Replace nested blocks that contain a dynamic value, in place, by dynamic attributes.

    cdktf flattens recursive blocks (the statements of wafv2) to `any`, cdktn lets them contain
    themselves, and Terraform forbids dynamic types inside blocks of sets.
    """
    for name, nested in list(block.blocks.items()):
        if _has_dynamic(nested.block):
            del block.blocks[name]
            required = nested.min_items > 0
            block.attributes[name] = Attribute("dynamic", required, not required)
    return block


def _has_dynamic(block: SchemaBlock) -> bool:
    return any(attribute.type == "dynamic" for attribute in block.attributes.values()) or any(
        _has_dynamic(nested.block) for nested in block.blocks.values()
    )
