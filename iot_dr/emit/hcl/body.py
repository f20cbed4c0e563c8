"""Blocks as lines."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import Final, TypeAlias

from iot_dr.emit.hcl.expression import Expression, is_identifier, sign, word
from iot_dr.emit.hcl.instances import COMMENT, Body, instances
from iot_dr.emit.hcl.layout import assignments
from iot_dr.emit.hcl.line import BLANK, Line
from iot_dr.emit.hcl.place import at
from iot_dr.emit.hcl.shape import Shape, Strings
from iot_dr.emit.hcl.style import Style
from iot_dr.emit.hcl.template import quoted
from iot_dr.emit.hcl.value import expression_of

_Section: TypeAlias = list[Line]

_DYNAMIC: Final = "dynamic"
_LAST_BLOCK: Final = "lifecycle"
_LAST_ARGUMENT: Final = "depends_on"


class Blocks:
    """Writes blocks, their strings in the styles that these are meant in."""

    def __init__(self, styles: Mapping[Strings, Style]) -> None:
        self._styles = styles

    def block(
        self, keyword: str, labels: tuple[str, ...], body: Body, shape: Shape, depth: int = 0
    ) -> list[Line]:
        """Give the lines of a block; raises ValueError for what cannot be written in it."""
        header = (word(_checked(keyword)), *(quoted([label]) for label in labels), sign("{"))
        sections = list(self._sections(body, shape, depth + 1))
        if not sections:
            return [Line(depth, (*header, sign("}")))]
        inside = chain.from_iterable([BLANK, *section] for section in sections)
        return [Line(depth, header), *list(inside)[1:], Line(depth, (sign("}"),))]

    def _sections(self, body: Body, shape: Shape, depth: int) -> Iterator[_Section]:
        for name in sorted(shape.refused & body.keys()):
            raise ValueError(f"{name} cannot be written as HCL here; leave it out")
        names = [name for name in body if name != COMMENT and not _is_block(name, shape)]
        placed = (*chain.from_iterable(shape.first), _LAST_ARGUMENT)
        for first in shape.first:
            yield from _parted(self._arguments(body, shape, depth, first))
        others = self._arguments(body, shape, depth, (name for name in names if name not in placed))
        yield from _parted(sorted(others, key=_is_long))
        blocks = [name for name in body if _is_block(name, shape)]
        for name in sorted(blocks, key=_LAST_BLOCK.__eq__):
            yield from self._nested(name, body, shape, depth)
        yield from _parted(self._arguments(body, shape, depth, (_LAST_ARGUMENT,)))

    def _arguments(
        self, body: Body, shape: Shape, depth: int, names: Iterable[str]
    ) -> Iterator[_Section]:
        """Give the lines of each argument of some names that a body has."""
        entries: list[tuple[Expression, Expression]] = []
        for name in names:
            if name in body:
                with at(name):
                    style = self._styles[shape.strings.get(name, shape.otherwise)]
                    entries.append(((word(_checked(name)),), expression_of(body[name], style)))
        return assignments(entries, depth)

    def _nested(self, name: str, body: Body, shape: Shape, depth: int) -> Iterator[_Section]:
        """Give the lines of each block of a name, or of each dynamic one."""
        nested = shape.nested(name)
        with at(name):
            for labels, inside in instances(body[name], nested.labels if nested else 1):
                inner = nested or shape.dynamic(labels[0])
                yield self.block(name, labels, inside, inner, depth)


def _is_block(name: str, shape: Shape) -> bool:
    return shape.nested(name) is not None or (name == _DYNAMIC and shape.schema is not None)


def _parted(arguments: Iterable[_Section]) -> Iterator[_Section]:
    """Part the arguments that take more than a line from each other and from the rest."""
    for is_long, group in groupby(arguments, key=_is_long):
        if is_long:
            yield from group
        else:
            yield list(chain.from_iterable(group))


def _is_long(argument: _Section) -> bool:
    return len(argument) > 1


def _checked(name: str) -> str:
    if not is_identifier(name):
        raise ValueError(f"{name!r} cannot be the name of an argument or a block")
    return name
