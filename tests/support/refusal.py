"""Checks that raise an error for what they refuse."""

from collections.abc import Callable
from typing import ParamSpec

from iot_dr.common.user_error import UserError

_P = ParamSpec("_P")


def refusal(check: Callable[_P, object], *arguments: _P.args, **options: _P.kwargs) -> str:
    """Return the message with which a check refuses its arguments; "" if it accepts them."""
    try:
        check(*arguments, **options)
    except UserError as error:
        return str(error)
    return ""
