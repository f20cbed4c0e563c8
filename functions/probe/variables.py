"""The environment variables that tell a function what to do."""

from collections.abc import Mapping, Sequence


class VariablesError(Exception):
    """Variables are missing or make no sense; the message names each."""


class Variables:
    """Reads variables, and collects what is wrong with them so that all is told at once."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._mistakes: list[str] = []

    def text(self, name: str) -> str:
        """Give a variable that must not be empty."""
        return self._valid(name, "a text", bool(self._variables.get(name)))

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Give a variable that is one of several words."""
        return self._valid(name, " or ".join(choices), self._variables.get(name) in choices)

    def number(self, name: str) -> int:
        """Give a variable that is a whole number from 1 on."""
        value = self._variables.get(name, "")
        valid = value.isascii() and value.isdecimal() and int(value) > 0
        return int(self._valid(name, "a whole number from 1 on", valid) or 1)

    def names(self, name: str) -> list[str]:
        """Give the names in a variable that has commas between them, and may be empty."""
        value = self._valid(name, "names with commas between", name in self._variables)
        return [each for each in map(str.strip, value.split(",")) if each]

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a variable that is `true` or `false`, or the default if it is not set."""
        if name not in self._variables:
            return default
        return self.choice(name, ("true", "false")) == "true"

    def refuse_mistakes(self) -> None:
        """Raise VariablesError when any that was read so far is wrong."""
        if self._mistakes:
            raise VariablesError("; ".join(self._mistakes))

    def _valid(self, name: str, expected: str, valid: bool) -> str:
        if valid:
            return self._variables[name]
        found = repr(self._variables[name]) if name in self._variables else "not set"
        self._mistakes.append(f"environment variable {name} is {found}, expected {expected}")
        return ""
