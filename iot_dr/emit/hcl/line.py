"""Lines of HCL, and the columns in which `terraform fmt` aligns them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from iot_dr.emit.hcl.expression import CLOSING, EQUALS, Kind, Token
from iot_dr.emit.hcl.spacing import spaced

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens of a line, and how many brackets it is indented by."""

    depth: int
    tokens: tuple[Token, ...]


BLANK: Final = Line(0, ())


def formatted(lines: Iterable[Line]) -> str:
    """Write lines; in a run of lines that are assignments, the equals signs stand in one column."""
    written: list[str] = []
    for is_run, cells in groupby(map(_cells, lines), key=lambda cells: bool(cells[1])):
        run = list(cells)
        width = max(len(lead) for lead, _ in run) if is_run else 0
        for lead, assigned in run:
            padding = " " * (width - len(lead) + 1) if is_run else ""
            written.append(f"{lead}{padding}{assigned}\n")
    return "".join(written)


def width(line: Line) -> int:
    """Count the columns of a line that stands by itself."""
    return len("".join(_cells(line))) + bool(_assignment(line.tokens))


def _cells(line: Line) -> tuple[str, str]:
    """Part a line before the equals sign that it can be aligned at, if it has one."""
    split = _assignment(line.tokens) or len(line.tokens)
    lead = spaced(line.tokens[:split])
    return _INDENT * line.depth * bool(lead) + lead, spaced(line.tokens[split:])


def _assignment(tokens: tuple[Token, ...]) -> int:
    """Find the equals sign of an assignment that ends on its line; 0 where there is none."""
    if EQUALS not in tokens[1:]:
        return 0
    split = tokens.index(EQUALS, 1)
    return 0 if sum(map(_change, tokens[split:])) else split


def _change(token: Token) -> int:
    if token.kind is not Kind.SIGN:
        return 0
    return (token.text in CLOSING) - (token.text in CLOSING.values())
