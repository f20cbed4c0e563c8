"""The layout of expressions over lines."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from iot_dr.emit.hcl.expression import (
    COMMA,
    EQUALS,
    Expression,
    Group,
    Kind,
    Token,
    flattened,
)
from iot_dr.emit.hcl.line import Line, width
from iot_dr.emit.hcl.spacing import spaced

MOST_COLUMNS: Final = 100
"""Width of a line that is not exceeded where brackets allow to break it."""

_Tokens: TypeAlias = tuple[Token, ...]


def assignments(entries: list[tuple[Expression, Expression]], depth: int) -> Iterator[list[Line]]:
    """Give the lines of each `name = value` of a block or an object."""
    names = [tuple(flattened(name)) for name, _ in entries]
    widths = [len(spaced(name)) for name in names]
    for name, name_width, (_, value) in zip(names, widths, entries, strict=True):
        yield _laid_out((*name, EQUALS), value, (), depth, max(widths) - name_width)


def _laid_out(
    head: _Tokens, expression: Expression, tail: _Tokens, depth: int, padding: int
) -> list[Line]:
    """Lay out an expression between `head` and `tail`; alignment adds `padding` columns to it."""
    index = next((index for index, part in enumerate(expression) if _is_open(part)), None)
    if index is None:
        line = Line(depth, (*head, *flattened(expression), *tail))
        index = _widest(expression) if width(line) + padding > MOST_COLUMNS else None
        if index is None:
            return [line]
    group = expression[index]
    assert isinstance(group, Group)  # noqa: S101 - both searches look at groups alone
    before, after = flattened(expression[:index]), flattened(expression[index + 1 :])
    return _over_lines((*head, *before), group, (*after, *tail), depth)


def _over_lines(head: _Tokens, group: Group, tail: _Tokens, depth: int) -> list[Line]:
    """Give each item of a group lines of its own; a last one in brackets may share the group's."""
    head, tail = (*head, group.opening), (group.closing, *tail)
    *others, last = group.items
    shared = (*head, *(token for item in others for token in (*flattened(item), COMMA)))
    inner = last[0]
    if isinstance(inner, Group) and _can_share(group, inner, width(Line(depth, shared))):
        return _over_lines(shared, inner, tail, depth)
    inside = _entries(group, depth + 1) if _is_object(group) else _items(group, depth + 1)
    return [Line(depth, head), *inside, Line(depth, tail)]


def _items(group: Group, depth: int) -> Iterator[Line]:
    is_list = group.bracket == "[" and not group.is_for
    for index, item in enumerate(group.items, start=1):
        tail = (COMMA,) if is_list or index < len(group.items) else ()
        yield from _laid_out((), item, tail, depth, 0)


def _entries(group: Group, depth: int) -> Iterator[Line]:
    splits = [item.index(EQUALS) for item in group.items]
    entries = [
        (item[:split], item[split + 1 :]) for item, split in zip(group.items, splits, strict=True)
    ]
    for lines in assignments(entries, depth):
        yield from lines


def _is_object(group: Group) -> bool:
    return group.bracket == "{" and not group.is_for


def _can_share(group: Group, inner: Group, width_before: int) -> bool:
    """Tell whether a group can end in `inner`, its last item, as in `merge(x, {`."""
    *others, last = group.items
    return (
        group.bracket != "{"
        and width_before + len(" {") <= MOST_COLUMNS
        and (group.bracket == "(" or not others)
        and len(last) == 1
        and bool(inner.items)
        and all(map(_is_plain, others))
    )


def _is_open(part: Token | Group) -> bool:
    if isinstance(part, Token):
        return False
    return part.is_open or any(_is_open(each) for item in part.items for each in item)


def _widest(expression: Expression) -> int | None:
    """Find the group that is to be broken: the widest of those that it makes shorter to read."""
    widths = {
        index: len(spaced(flattened((part,))))
        for index, part in enumerate(expression)
        if isinstance(part, Group) and not _is_simple(part) and not _is_index(expression, index)
    }
    return max(widths, key=widths.__getitem__, default=None)


def _is_simple(group: Group) -> bool:
    """Tell whether there is nothing to break: no items, or the one name in `tolist(name)`."""
    is_single = group.bracket == "(" and len(group.items) == 1
    return not group.items or (is_single and _is_plain(group.items[0]))


def _is_plain(item: Expression) -> bool:
    return all(isinstance(part, Token) for part in item)


def _is_index(expression: Expression, index: int) -> bool:
    """Tell whether a group is the `[0]` of `names[0]`, and not a list."""
    part, left = expression[index], expression[index - 1] if index else None
    if not isinstance(part, Group) or part.bracket != "[":
        return False
    return isinstance(left, Group) or (left is not None and left.kind is not Kind.SIGN)
