"""Terraform JSON documents as HCL."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from textwrap import wrap
from typing import Any, Final, TypeAlias

from iot_dr.emit.hcl.expression import Expression, is_identifier, sign, word
from iot_dr.emit.hcl.json_text import KnownStrings, templated
from iot_dr.emit.hcl.layout import BLANK, MOST_COLUMNS, TokenLine, assignments, formatted
from iot_dr.emit.hcl.shape import (
    SHAPES,
    BlockOf,
    Body,
    Shape,
    at,
    blocks_of,
    instances,
    known_blocks,
    shape_of,
)
from iot_dr.emit.hcl.value import Style, expression_of, quoted
from iot_dr.terraform_json.configuration import COMMENT
from iot_dr.terraform_json.json_value import Json

_Section: TypeAlias = list[TokenLine]

_DYNAMIC: Final = "dynamic"
_LAST_BLOCK: Final = "lifecycle"
_LAST_ARGUMENT: Final = "depends_on"


def to_hcl(
    document: Mapping[str, Any], blocks: BlockOf, *, siblings: Mapping[str, Any] | None = None
) -> str:
    """Return a parsed Terraform JSON document as HCL, in the format of `terraform fmt`.

    Blocks keep their order and meaning, and text in a block's `//` is a comment above it. `blocks`
    returns the schema of a type, from which nested blocks are known. `siblings` are the blocks of
    the whole module: if they define a value as a string, the HCL can be shorter.

    Raises:
        ValueError: for what Terraform would refuse or this does not support, with the block.
    """
    block = known_blocks(blocks)
    writer = _Blocks(templated(KnownStrings({**document, **(siblings or {})}, block)))
    return formatted(_lines(document, writer, block))


def _lines(document: Mapping[str, Any], writer: "_Blocks", block: BlockOf) -> Iterator[TokenLine]:
    sections = chain.from_iterable(
        _sections(document, keyword, writer, block) for keyword in document
    )
    for index, section in enumerate(sections):
        if index:
            yield BLANK
        yield from section


def _sections(
    document: Mapping[str, Any], keyword: str, writer: "_Blocks", block: BlockOf
) -> Iterator[list[TokenLine]]:
    if keyword == COMMENT:
        return
    if keyword not in SHAPES:
        raise ValueError(f"{keyword}: unsupported block; expected one of {', '.join(SHAPES)}")
    for labels, body in blocks_of(document, keyword, SHAPES[keyword].labels):
        with at(".".join((keyword, *labels))):
            shape = shape_of(keyword, labels, body, block)
            yield writer.block(keyword, labels, body, shape)


class _Blocks:
    """Writer of blocks; `templates` is the default style of strings."""

    def __init__(self, templates: Style) -> None:
        self._templates = templates

    def block(
        self, keyword: str, labels: tuple[str, ...], body: Body, shape: Shape, depth: int = 0
    ) -> list[TokenLine]:
        """Return the lines of a block; raises ValueError for unsupported content."""
        header = (word(_checked(keyword)), *(quoted([label]) for label in labels), sign("{"))
        above = [TokenLine(depth, (word(line),)) for line in _comment(body.get(COMMENT))]
        sections = list(self._sections(body, shape, depth + 1))
        if not sections:
            return [*above, TokenLine(depth, (*header, sign("}")))]
        inside = chain.from_iterable([BLANK, *section] for section in sections)
        return [*above, TokenLine(depth, header), *list(inside)[1:], TokenLine(depth, (sign("}"),))]

    def _sections(self, body: Body, shape: Shape, depth: int) -> Iterator[_Section]:
        for name in sorted(shape.refused & body.keys()):
            raise ValueError(f"{name} is not supported here; remove it")
        names = [name for name in body if name != COMMENT and not _is_block(name, shape)]
        placed = (*chain.from_iterable(shape.first), _LAST_ARGUMENT)
        for first in shape.first:
            yield from _parted(self._arguments(body, shape, depth, first))
        unplaced = self._arguments(
            body, shape, depth, (name for name in names if name not in placed)
        )
        yield from _parted(sorted(unplaced, key=_is_long))
        blocks = [name for name in body if _is_block(name, shape)]
        for name in sorted(blocks, key=_LAST_BLOCK.__eq__):
            yield from self._nested(name, body, shape, depth)
        yield from _parted(self._arguments(body, shape, depth, (_LAST_ARGUMENT,)))

    def _arguments(
        self, body: Body, shape: Shape, depth: int, names: Iterable[str]
    ) -> Iterator[_Section]:
        """Return the lines of each named argument that the body has."""
        entries: list[tuple[Expression, Expression]] = []
        for name in names:
            if name in body:
                with at(name):
                    style = shape.strings.get(name, shape.otherwise) or self._templates
                    entries.append(((word(_checked(name)),), expression_of(body[name], style)))
        return assignments(entries, depth)

    def _nested(self, name: str, body: Body, shape: Shape, depth: int) -> Iterator[_Section]:
        """Yield the lines of each nested block with a name, or of each dynamic block."""
        nested = shape.nested(name)
        with at(name):
            for labels, inside in instances(body[name], nested.labels if nested else 1):
                inner = nested or shape.dynamic(labels[0])
                yield self.block(name, labels, inside, inner, depth)


def _comment(text: Json) -> Iterator[str]:
    """Yield the lines of a comment: paragraphs, of text without other line breaks."""
    for number, paragraph in enumerate(text.split("\n\n") if isinstance(text, str) else ()):
        if number:
            yield "#"
        yield from wrap(
            paragraph,
            MOST_COLUMNS,
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _is_block(name: str, shape: Shape) -> bool:
    return shape.nested(name) is not None or (name == _DYNAMIC and shape.schema is not None)


def _parted(arguments: Iterable[_Section]) -> Iterator[_Section]:
    """Separate multi-line arguments from each other and from the rest."""
    for is_long, group in groupby(arguments, key=_is_long):
        if is_long:
            yield from group
        else:
            yield list(chain.from_iterable(group))


def _is_long(argument: _Section) -> bool:
    return len(argument) > 1


def _checked(name: str) -> str:
    if not is_identifier(name):
        raise ValueError(f"{name!r} is not a valid name of an argument or block")
    return name
