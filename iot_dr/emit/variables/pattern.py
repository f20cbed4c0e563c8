"""Regular expressions of Python as conditions of Terraform, whose RE2 knows no lookaheads."""

from collections.abc import Iterator, Sequence

from iot_dr.emit.variables.literal import literal
from iot_dr.emit.variables.piece import Lookahead, Piece, joined
from iot_dr.emit.variables.reader import read


def conditions(pattern: str, value: str) -> Iterator[str]:
    """Give conditions that all hold exactly when `pattern` matches the whole of a text.

    `value` is the expression for that text. Raises ValueError for a pattern that has no such
    conditions: a negative lookahead has some in front, and where `_is_at_one_place` says so.
    """
    parts = read(pattern)
    yield f"can(regex({literal(f'^(?:{_pieces(parts).text})$')}, {value}))"
    for index, part in enumerate(parts):
        if isinstance(part, Lookahead):
            before = _pieces(parts[:index])
            if before.text and not _is_at_one_place(before, part, _pieces(parts[index:])):
                raise ValueError(
                    f"the pattern {pattern!r} cannot be one of Terraform's because of"
                    f" '(?!{part.text})': let it end with $, and stand behind a character that"
                    " neither it nor the rest can match"
                )
            yield f"!can(regex({literal(f'^{before.text}(?:{part.text})')}, {value}))"


def _pieces(parts: Sequence[Piece | Lookahead]) -> Piece:
    return joined(part for part in parts if isinstance(part, Piece))


def _is_at_one_place(before: Piece, look: Lookahead, after: Piece) -> bool:
    """Tell whether a lookahead has one place in a text, in whatever way the text is matched.

    The place is behind the text's last character out of `before.last`, if there is one in all that
    `before` matches, and none further on: neither in what must match, nor in what must not.
    """
    beyond = after.signs | look.signs
    return look.is_to_the_end and not before.may_be_empty and beyond.isdisjoint(before.last)
