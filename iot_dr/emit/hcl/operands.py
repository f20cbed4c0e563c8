"""The operands of a long expression, each of which may have a line of its own."""

from iot_dr.emit.hcl.expression import FOR, Expression, sign

_CONDITIONAL = (sign("?"), sign(":"))
_LOGICAL = (sign("&&"), sign("||"))


def operands_of(expression: Expression) -> list[Expression]:
    """Part an expression before `?` and `:`, or else behind `&&` and `||`; none where none is."""
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
