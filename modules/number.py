"""Whole numbers, also those that only Terraform knows: of a variable, or worked out of one."""

from typing import Final, NoReturn, TypeAlias

from cdktf import Token

_MESSAGE: Final = "only Terraform knows this number; modules/number.py has what may be done"


class Unknown(float):
    """A number in Terraform's words; arithmetic with it makes a longer expression.

    To the engine it is the number by which it finds the expression again (a token of cdktf's), to
    text it is `${expression}`. What is not written down here, a comparison too, raises TypeError:
    it would be done with the token.
    """

    expression: str

    def __new__(cls, expression: str) -> "Unknown":
        """Make the number of an expression, which has no `${}` around it."""
        number = super().__new__(cls, Token.as_number(f"${{{expression}}}"))
        number.expression = expression
        return number

    def __add__(self, other: object) -> "Unknown":
        return Unknown(f"{self.expression} + {_said(other)}")

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
"""A whole number, known here or by Terraform alone."""


def within(number: Number, lowest: int, highest: int) -> bool:
    """Tell whether a number is between bounds; one that only Terraform knows is taken to be."""
    return isinstance(number, Unknown) or lowest <= number <= highest


def largest(number: Number, lowest: int) -> Number:
    """Give the number, or `lowest` where that is more."""
    if isinstance(number, Unknown):
        return Unknown(f"max({number.expression}, {lowest})")
    return max(number, lowest)


def smallest(number: Number, highest: int) -> Number:
    """Give the number, or `highest` where that is less."""
    if isinstance(number, Unknown):
        return Unknown(f"min({number.expression}, {highest})")
    return min(number, highest)


def counted(number: Number, unit: str) -> str:
    """Say how many: `1 hour`, `24 hours`."""
    if isinstance(number, Unknown):
        return f'${{{number.expression} == 1 ? "1 {unit}" : "{number} {unit}s"}}'
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _said(number: object) -> str:
    return number.expression if isinstance(number, Unknown) else str(number)


def _factor(number: object) -> str:
    said = _said(number)
    return f"({said})" if " + " in said else said
