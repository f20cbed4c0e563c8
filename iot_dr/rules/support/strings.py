"""The strings in a resource's values, at any depth."""

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 64


def strings(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield each string with its dotted path, down to 64 levels."""
    if isinstance(value, str):
        yield path, value
    elif depth < _DEEPEST:
        for key, entry in _entries(value):
            yield from strings(entry, f"{path}.{key}" if path else key, depth + 1)


def _entries(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key in value:  # pyrefly: ignore[unknown-variable-type] - JSON
            yield str(key), value[key]  # pyrefly: ignore[unknown-argument-type] - JSON
    elif isinstance(value, (list, tuple)):
        for number, entry in enumerate(value):  # pyrefly: ignore[unknown-variable-type] - JSON
            yield str(number), entry
