"""The state that an entity is to have. It comes from another region's row, so it is validated."""

from typing import Any, TypeVar, cast

from functions.registry.access.errors import PermanentError
from functions.registry.state import State, canonical_json

T = TypeVar("T")


class WantedState:
    """Typed access to the members of a state.

    Methods raise PermanentError if the member has another type, or is missing.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def text(self, name: str) -> str:
        """Return the string `name`."""
        return self._typed(name, str)

    def text_or_none(self, name: str) -> str | None:
        """Return the string `name`, or None if it is null."""
        return None if name in self._state and self._state[name] is None else self.text(name)

    def flag(self, name: str) -> bool:
        """Return the boolean `name`."""
        return self._typed(name, bool)

    def texts(self, name: str) -> list[str]:
        """Return the list of strings `name`, sorted."""
        values = cast("list[Any]", self._typed(name, list))
        if not all(isinstance(value, str) for value in values):
            raise PermanentError(f"{name} of its state must be a list of strings")
        return sorted(values)

    def texts_if_any(self, name: str) -> list[str]:
        """Return the list of strings `name`, sorted; empty if it is missing."""
        return self.texts(name) if name in self._state else []

    def mapping(self, name: str) -> dict[str, Any]:
        """Return the object `name`."""
        return cast("dict[str, Any]", self._typed(name, dict))

    def attributes(self) -> dict[str, str]:
        """Return the thing attributes, whose values are strings."""
        values = self.mapping("attributes")
        if not all(isinstance(value, str) for value in values.values()):
            raise PermanentError("attributes of its state must be strings")
        return values

    def _typed(self, name: str, wanted: type[T]) -> T:
        value = self._state.get(name)
        if not isinstance(value, wanted):
            raise PermanentError(f"{name} of its state must be of type {wanted.__name__}")
        return value


def equal_states(state: State | None, other: State | None) -> bool:
    """Whether two states are equal as JSON; with Python's `==`, true would equal 1.

    Raises StateError if JSON cannot represent one of them.
    """
    return canonical_json(state) == canonical_json(other)
