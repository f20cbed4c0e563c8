"""Whole numbers, including Terraform expressions whose value is unknown at synthesis."""

from typing import Final, NoReturn, TypeAlias

from cdktf import Token

_MESSAGE: Final = "a Terraform expression has only the operations +, *, and as the first operand //"


class Unknown(float):
    """A number that is a Terraform expression; arithmetic with it returns a longer expression.

    CDKTF handles it as a number token; `str` returns `${expression}`. Only `+`, `*` and `//` are
    defined, the last with the expression on its left. Comparisons, `-`, `/` and `%` raise
    TypeError, because they would use the token's value.
    """

    expression: str

    def __new__(cls, expression: str) -> "Unknown":
        """Create the number of an expression, which must not be in `${}`."""
        number = super().__new__(cls, Token.as_number(f"${{{expression}}}"))
        number.expression = expression
        return number

    def __add__(self, other: object) -> "Unknown":
        return Unknown(f"{self.expression} + {_expression(other)}")

    def __mul__(self, other: object) -> "Unknown":
        return Unknown(f"{_factor(self)} * {_factor(other)}")

    def __radd__(self, other: object) -> "Unknown":
        return self + other

    def __rmul__(self, other: object) -> "Unknown":
        return self * other

    def __floordiv__(self, other: object) -> "Unknown":
        return Unknown(f"floor({_factor(self)} / {_factor(other)})")

    def __str__(self) -> str:
        return f"${{{self.expression}}}"

    __repr__ = __str__

    def __format__(self, format_spec: str) -> str:
        return format(str(self), format_spec)

    def _refuse(self, _other: object) -> NoReturn:
        raise TypeError(_MESSAGE)

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse
    __hash__ = float.__hash__


Number: TypeAlias = int | Unknown
"""A whole number, or a Terraform expression for one."""


def is_within(number: Number, minimum: int, maximum: int) -> bool:
    """Whether a number is within bounds, inclusive; a Terraform expression always is."""
    return isinstance(number, Unknown) or minimum <= number <= maximum


def at_least(number: Number, minimum: int) -> Number:
    """Return the number, or `minimum` if that is larger."""
    if isinstance(number, Unknown):
        return Unknown(f"max({number.expression}, {minimum})")
    return max(number, minimum)


def at_most(number: Number, maximum: int) -> Number:
    """Return the number, or `maximum` if that is smaller."""
    if isinstance(number, Unknown):
        return Unknown(f"min({number.expression}, {maximum})")
    return min(number, maximum)


def with_unit(number: Number, unit: str) -> str:
    """Return the number with its unit, as in `1 hour` and `24 hours`."""
    if isinstance(number, Unknown):
        return f'${{{number.expression} == 1 ? "1 {unit}" : "{number} {unit}s"}}'
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _expression(number: object) -> str:
    return number.expression if isinstance(number, Unknown) else str(number)


def _factor(number: object) -> str:
    expression = _expression(number)
    return f"({expression})" if " + " in expression else expression
