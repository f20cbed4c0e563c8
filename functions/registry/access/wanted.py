"""The state that an entity shall have: it comes from another region's row, so it is not trusted."""

from typing import Any, TypeVar, cast

from functions.registry.access.errors import Never
from functions.registry.state import State, text_of

T = TypeVar("T")


class Wanted:
    """Gives the values of a state; each raises Never where the value is of another type."""

    def __init__(self, state: State) -> None:
        self._state = state

    def text(self, name: str) -> str:
        """Give a text."""
        return self._of_type(name, str)

    def text_or_none(self, name: str) -> str | None:
        """Give a text, or None."""
        return None if name in self._state and self._state[name] is None else self.text(name)

    def flag(self, name: str) -> bool:
        """Give true or false."""
        return self._of_type(name, bool)

    def texts(self, name: str) -> list[str]:
        """Give a sorted list of texts."""
        values = cast("list[Any]", self._of_type(name, list))
        if not all(isinstance(value, str) for value in values):
            raise Never(f"{name} of its state is no list of texts")
        return sorted(values)

    def texts_if_any(self, name: str) -> list[str]:
        """Return a sorted list of texts, an empty one if the state has no such name."""
        return self.texts(name) if name in self._state else []

    def mapping(self, name: str) -> dict[str, Any]:
        """Give an object."""
        return cast("dict[str, Any]", self._of_type(name, dict))

    def attributes(self) -> dict[str, str]:
        """Give the attributes, all of them texts."""
        values = self.mapping("attributes")
        if not all(isinstance(value, str) for value in values.values()):
            raise Never("attributes of its state are not all texts")
        return values

    def _of_type(self, name: str, wanted: type[T]) -> T:
        value = self._state.get(name)
        if not isinstance(value, wanted):
            raise Never(f"{name} of its state is no {wanted.__name__}")
        return value


def same(state: State | None, other: State | None) -> bool:
    """Tell whether two states are equal as JSON; Python takes true for 1."""
    return text_of(state) == text_of(other)
