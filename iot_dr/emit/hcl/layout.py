"""Line breaks of expressions, and the alignment of `terraform fmt`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import Final, TypeAlias

from iot_dr.emit.hcl.expression import (
    CLOSING,
    COMMA,
    EQUALS,
    FOR,
    Expression,
    Group,
    Token,
    TokenKind,
    flattened,
    sign,
    spaced,
)

MOST_COLUMNS: Final = 100
"""Longest line, if brackets allow a break."""

_Tokens: TypeAlias = tuple[Token, ...]

_HCL_INDENT = "  "
_CONDITIONAL = (sign("?"), sign(":"))
_LOGICAL = (sign("&&"), sign("||"))


@dataclass(frozen=True, slots=True)
class TokenLine:
    """The tokens of a line and its depth of indentation."""

    depth: int
    tokens: tuple[Token, ...]


BLANK: Final = TokenLine(0, ())


@dataclass(frozen=True, kw_only=True)
class _Place:
    """The context of an expression: its depth, and the tokens before and after it.

    Alignment adds `padding` columns. `inside` parentheses or a list it may continue on another
    line.
    """

    depth: int
    head: _Tokens = ()
    tail: _Tokens = ()
    padding: int = 0
    inside: bool = False

    def line(self, tokens: Iterable[Token]) -> TokenLine:
        """Return one line with the tokens."""
        return TokenLine(self.depth, (*self.head, *tokens, *self.tail))

    def around(self, first: Iterable[Token], last: Iterable[Token]) -> "_Place":
        """Return the place between `first` and `last` in this place."""
        head, tail = (*self.head, *first), (*last, *self.tail)
        return _Place(depth=self.depth, head=head, tail=tail)

    def enclosing(self, lines: Iterable[TokenLine]) -> list[TokenLine]:
        """Return lines between the head and the tail."""
        return [TokenLine(self.depth, self.head), *lines, TokenLine(self.depth, self.tail)]


def assignments(
    entries: list[tuple[Expression, Expression]], depth: int
) -> Iterator[list[TokenLine]]:
    """Yield the lines of each `name = value` of a block or object."""
    names = [tuple(flattened(name)) for name, _ in entries]
    widths = [len(spaced(name)) for name in names]
    for name, name_width, (_, value) in zip(names, widths, entries, strict=True):
        padding = max(widths) - name_width
        yield _laid_out(value, _Place(depth=depth, head=(*name, EQUALS), padding=padding))


def _laid_out(expression: Expression, place: _Place) -> list[TokenLine]:
    line = place.line(flattened(expression))
    index = next((index for index, part in enumerate(expression) if _is_open(part)), None)
    if index is None:
        if _width(line) + place.padding <= MOST_COLUMNS:
            return [line]
        if operands := _operands_of(expression):
            return _over_operands(operands, place)
        index = _widest(expression)
    group = None if index is None else expression[index]
    if index is None or not isinstance(group, Group):
        return [line]
    before, after = flattened(expression[:index]), flattened(expression[index + 1 :])
    return _over_lines(group, place.around(before, after))


def _over_operands(operands: list[Expression], place: _Place) -> list[TokenLine]:
    """Return the lines of the operands, each on its own, in parentheses if needed."""
    if not place.inside:
        inside = _over_operands(operands, _Place(depth=place.depth + 1, inside=True))
        return place.around((sign("("),), (sign(")"),)).enclosing(inside)
    *first, last = operands
    own = replace(place, tail=())
    return [line for each in first for line in _laid_out(each, own)] + _laid_out(last, place)


def _over_lines(group: Group, place: _Place) -> list[TokenLine]:
    """Return a group's lines, each item on its own; a last group may share the brackets' lines."""
    place = place.around((group.opening,), (group.closing,))
    *first, last = group.items
    shared = place.around((token for item in first for token in (*flattened(item), COMMA)), ())
    inner = last[0]
    if isinstance(inner, Group) and _can_share(group, inner, shared):
        return _over_lines(inner, shared)
    depth = place.depth + 1
    return place.enclosing(_entries(group, depth) if _is_object(group) else _items(group, depth))


def _items(group: Group, depth: int) -> Iterator[TokenLine]:
    is_list = group.bracket == "[" and not group.is_for
    items = list(_filled(group.items, depth)) if is_list and _is_row(group) else group.items
    for index, item in enumerate(items, start=1):
        tail = (COMMA,) if is_list or index < len(items) else ()
        yield from _laid_out(item, _Place(depth=depth, tail=tail, inside=not group.is_for))


def _is_row(group: Group) -> bool:
    """Whether a list fills lines: numbers, or a dashboard's metric with options."""
    plain = [_is_plain(item) for item in group.items]
    return any(plain) and (not all(plain) or all(_is_number(item) for item in group.items))


def _is_number(item: Expression) -> bool:
    return isinstance(item[0], Token) and item[0].kind is TokenKind.NUMBER


def _filled(items: Iterable[Expression], depth: int) -> Iterator[Expression]:
    """Yield one-line items that share a line, separated by commas, as one."""
    for is_plain, group in groupby(items, key=_is_plain):
        first, *rest = group
        for item in rest:
            joined = (*first, COMMA, *item)
            if is_plain and _width(TokenLine(depth, (*flattened(joined), COMMA))) <= MOST_COLUMNS:
                first = joined
            else:
                yield first
                first = item
        yield first


def _entries(group: Group, depth: int) -> Iterator[TokenLine]:
    splits = [item.index(EQUALS) for item in group.items]
    entries = [
        (item[:split], item[split + 1 :]) for item, split in zip(group.items, splits, strict=True)
    ]
    return chain.from_iterable(assignments(entries, depth))


def _is_object(group: Group) -> bool:
    return group.bracket == "{" and not group.is_for


def _can_share(group: Group, inner: Group, shared: _Place) -> bool:
    """Whether a group can end in `inner`, its last item, as in `merge(x, {`."""
    *first, last = group.items
    return (
        group.bracket != "{"
        and _width(TokenLine(shared.depth, (*shared.head, inner.opening))) <= MOST_COLUMNS
        and (group.bracket == "(" or not first)
        and len(last) == 1
        and bool(inner.items)
        and all(map(_is_plain, first))
    )


def _is_open(part: Token | Group) -> bool:
    if isinstance(part, Token):
        return False
    return part.is_open or any(_is_open(each) for item in part.items for each in item)


def _widest(expression: Expression) -> int | None:
    """Return the index of the group to break: the widest one that can be broken."""
    widths = {
        index: len(spaced(flattened((part,))))
        for index, part in enumerate(expression)
        if isinstance(part, Group) and not _is_simple(part) and not _is_index(expression, index)
    }
    return max(widths, key=widths.__getitem__, default=None)


def _is_simple(group: Group) -> bool:
    """Whether a group has nothing to break: no items, or one name as in `tolist(name)`."""
    is_single = group.bracket == "(" and len(group.items) == 1
    return not group.items or (
        is_single and _is_plain(group.items[0]) and not _operands_of(group.items[0])
    )


def _is_plain(item: Expression) -> bool:
    return all(isinstance(part, Token) for part in item)


def _is_index(expression: Expression, index: int) -> bool:
    """Whether a group is the `[0]` of `names[0]`, and not a list."""
    part, left = expression[index], expression[index - 1] if index else None
    if not isinstance(part, Group) or part.bracket != "[":
        return False
    return isinstance(left, Group) or (left is not None and left.kind is not TokenKind.SIGN)


def formatted(lines: Iterable[TokenLine]) -> str:
    """Return lines as text, with aligned equals signs in consecutive assignments."""
    written: list[str] = []
    for is_run, cells in groupby(map(_cells, lines), key=lambda cells: bool(cells[1])):
        run = list(cells)
        column = max(len(lead) for lead, _ in run) if is_run else 0
        for lead, assigned in run:
            padding = " " * (column - len(lead) + 1) if is_run else ""
            written.append(f"{lead}{padding}{assigned}\n")
    return "".join(written)


def _width(line: TokenLine) -> int:
    """Return the columns of a line without alignment."""
    return len("".join(_cells(line))) + bool(_assignment(line.tokens))


def _cells(line: TokenLine) -> tuple[str, str]:
    """Return a line split before the equals sign that can be aligned, if any."""
    split = _assignment(line.tokens) or len(line.tokens)
    lead = spaced(line.tokens[:split])
    return _HCL_INDENT * line.depth * bool(lead) + lead, spaced(line.tokens[split:])


def _assignment(tokens: tuple[Token, ...]) -> int:
    """Return the index of the equals sign of a one-line assignment; 0 without one."""
    if EQUALS not in tokens[1:]:
        return 0
    split = tokens.index(EQUALS, 1)
    return 0 if sum(map(_change, tokens[split:])) else split


def _change(token: Token) -> int:
    if token.kind is not TokenKind.SIGN:
        return 0
    return (token.text in CLOSING) - (token.text in CLOSING.values())


def _operands_of(expression: Expression) -> list[Expression]:
    """Return the operands: split before `?` and `:`, else after `&&` and `||`, else empty."""
    if expression[0] == FOR:
        return []
    inner = range(1, len(expression))
    conditional = [index for index in inner if expression[index] in _CONDITIONAL]
    logical = [index for index in inner if expression[index - 1] in _LOGICAL]
    cuts = conditional or logical
    if not cuts:
        return []
    starts, ends = [0, *cuts], [*cuts, len(expression)]
    return [expression[start:end] for start, end in zip(starts, ends, strict=True)]
