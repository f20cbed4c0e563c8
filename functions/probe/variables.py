"""Validated access to a function's environment variables."""

from collections.abc import Mapping, Sequence


class VariablesError(Exception):
    """Environment variables are missing or invalid; the message names each."""


class Variables:
    """Reads environment variables, and collects all errors so that they are reported at once.

    Methods return a placeholder for an invalid variable; `raise_if_invalid` raises afterwards.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._errors: list[str] = []

    def text(self, name: str) -> str:
        """Return a variable that must not be empty."""
        return self._valid(name, "a text", bool(self._variables.get(name)))

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return a variable that must be one of `choices`."""
        return self._valid(name, " or ".join(choices), self._variables.get(name) in choices)

    def number(self, name: str, default: int | None = None) -> int:
        """Return a decimal integer above 0, or the default if it is not set and there is one."""
        if default is not None and name not in self._variables:
            return default
        value = self._variables.get(name, "")
        valid = value.isascii() and value.isdecimal() and int(value) > 0
        return int(self._valid(name, "a whole number from 1 on", valid) or 1)

    def names(self, name: str) -> list[str]:
        """Return the comma-separated names in a variable, which must be set and may be empty."""
        value = self._valid(name, "names with commas between", name in self._variables)
        return [each for each in map(str.strip, value.split(",")) if each]

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a variable that is `true` or `false`, or the default if it is not set."""
        if name not in self._variables:
            return default
        return self.choice(name, ("true", "false")) == "true"

    def raise_if_invalid(self) -> None:
        """Raise VariablesError if any variable that was read is missing or invalid."""
        if self._errors:
            raise VariablesError("; ".join(self._errors))

    def _valid(self, name: str, expected: str, valid: bool) -> str:
        if valid:
            return self._variables[name]
        current = repr(self._variables[name]) if name in self._variables else "not set"
        self._errors.append(f"environment variable {name} is {current}, expected {expected}")
        return ""
