"""Limits of lists and sets that the bindings do not contain."""

from iot_dr.terraform.standin.checks import Check


def at_most(count: int) -> Check:
    """Allow lists and sets of `count` members or fewer."""
    wrong = f"have {count} members at most, got "
    return lambda value: None if len(value) <= count else f"{wrong}{len(value)}"
