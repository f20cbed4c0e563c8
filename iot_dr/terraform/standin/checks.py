"""Checks of one attribute's value; each returns what is allowed if a value breaks it."""

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from iot_dr.terraform.standin.values import Value

Check: TypeAlias = Callable[[Value], str | None]
"""Returns the end of the sentence "expected NAME to ..." for a wrong value, else None."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """A check that allows the listed values only."""

    allowed: tuple[str | int, ...]

    def __call__(self, value: Value) -> str | None:
        """Return what is allowed if a value is not."""
        listed = ", ".join(map(str, self.allowed))
        return None if value in self.allowed else f"be one of {listed}, got {value}"


def one_of(*allowed: str | int) -> OneOf:
    """Allow the listed values only."""
    return OneOf(allowed)


def between(least: int, most: int) -> Check:
    """Allow numbers from `least` to `most`, both included."""
    wrong = f"be between {least} and {most}, got "
    return lambda value: None if least <= float(value) <= most else f"{wrong}{value}"


def minimum(least: int) -> Check:
    """Allow numbers of `least` or more."""
    return lambda value: None if float(value) >= least else f"be {least} or more, got {value}"


def length(least: int, most: int) -> Check:
    """Allow strings of `least` to `most` characters."""
    wrong = f"have {least} to {most} characters, got "
    return lambda value: None if least <= len(value) <= most else f"{wrong}{len(value)}"


def at_least(count: int) -> Check:
    """Allow lists and sets of `count` members or more."""
    wrong = f"have {count} members or more, got "
    return lambda value: None if len(value) >= count else f"{wrong}{len(value)}"


def matches(pattern: str, meaning: str) -> Check:
    """Allow strings that match a pattern as a whole; `meaning` describes it in words."""
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(value) else f"be {meaning}, got {value!r}"


def each_member(check: Check) -> Check:
    """Apply a check to every member of a list or set."""
    return lambda values: next((wrong for value in values if (wrong := check(value))), None)


def both(first: Check, second: Check) -> Check:
    """Apply two checks; the result is that of the first that fails."""
    return lambda value: first(value) or second(value)


def arn(value: Value) -> str | None:
    """Allow Amazon resource names only."""
    is_arn = re.fullmatch(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}|aws)?:.+", value)
    return None if is_arn else f"be an ARN, got {value!r}"


def ip_address(value: Value) -> str | None:
    """Allow IPv4 and IPv6 addresses only."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return f"be an IP address, got {value!r}"
    return None


def json_document(value: Value) -> str | None:
    """Allow only strings that are valid JSON."""
    try:
        json.loads(value)
    except ValueError as error:
        return f"be JSON: {error}"
    return None
