"""Terraform's JSON as a document of HCL."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from iot_dr.emit.hcl.blocks import BlockNames, known_blocks
from iot_dr.emit.hcl.body import Blocks
from iot_dr.emit.hcl.instances import COMMENT, blocks_of
from iot_dr.emit.hcl.line import BLANK, Line, formatted
from iot_dr.emit.hcl.place import at
from iot_dr.emit.hcl.shape import SHAPES, BlockOf, Strings, shape_of
from iot_dr.emit.hcl.strings import KnownStrings
from iot_dr.emit.hcl.style import LITERAL, REFERENCE, REQUIREMENT, TYPE
from iot_dr.emit.hcl.templated import templated


def written(
    document: Mapping[str, Any], blocks: BlockNames, *, beside: Mapping[str, Any] | None = None
) -> str:
    """Write a parsed document of Terraform's JSON as HCL, in the format of `terraform fmt`.

    Blocks stand in the order that the document gives, and mean what they mean there. `blocks`
    tells which members of a resource or data source are nested blocks. `beside` is what the other
    files of the module hold: where it says that something is a string, shorter HCL does.

    Raises:
        ValueError: for what Terraform would refuse or this cannot write, with the block it is in.
    """
    block = known_blocks(blocks)
    writer = Blocks(
        {
            Strings.TEMPLATE: templated(KnownStrings({**(beside or {}), **document}, block)),
            Strings.LITERAL: LITERAL,
            Strings.REFERENCE: REFERENCE,
            Strings.REQUIREMENT: REQUIREMENT,
            Strings.TYPE: TYPE,
        }
    )
    return formatted(_lines(document, writer, block))


def _lines(document: Mapping[str, Any], writer: Blocks, block: BlockOf) -> Iterator[Line]:
    sections = chain.from_iterable(
        _sections(document, keyword, writer, block) for keyword in document
    )
    for index, section in enumerate(sections):
        if index:
            yield BLANK
        yield from section


def _sections(
    document: Mapping[str, Any], keyword: str, writer: Blocks, block: BlockOf
) -> Iterator[list[Line]]:
    if keyword == COMMENT:
        return
    if keyword not in SHAPES:
        raise ValueError(f"{keyword}: no such block can be written; use {', '.join(SHAPES)}")
    for labels, body in blocks_of(document, keyword, SHAPES[keyword].labels):
        with at(".".join((keyword, *labels))):
            shape = shape_of(keyword, labels, body, block)
            yield writer.block(keyword, labels, body, shape)
