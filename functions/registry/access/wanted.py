"""The state that an entity is to have. It comes from another region's row, so it is validated."""

from typing import Any, TypeVar, cast

from functions.registry.access.errors import PermanentError
from functions.registry.state import State, canonical_json

T = TypeVar("T")


class WantedState:
    """Typed access to the members of a state.

    Each method raises PermanentError for a wrong type.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def text(self, name: str) -> str:
        """Return a string."""
        return self._typed(name, str)

    def text_or_none(self, name: str) -> str | None:
        """Return a string, or None for null."""
        return None if name in self._state and self._state[name] is None else self.text(name)

    def flag(self, name: str) -> bool:
        """Return a boolean."""
        return self._typed(name, bool)

    def texts(self, name: str) -> list[str]:
        """Return a list of strings, sorted."""
        values = cast("list[Any]", self._typed(name, list))
        if not all(isinstance(value, str) for value in values):
            raise PermanentError(f"{name} of its state must be a list of strings")
        return sorted(values)

    def texts_if_any(self, name: str) -> list[str]:
        """Return a list of strings, sorted; empty if the member is missing."""
        return self.texts(name) if name in self._state else []

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object."""
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
