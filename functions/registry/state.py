"""The content of an entity, in a form in which two regions' can be compared."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

State = Mapping[str, Any]
"""JSON by names, what is held depends on the kind of entity; None in its place: not there."""

NONE = "none"
"""The hash of what is not there."""

# Beyond it a float no longer tells each whole number from the next.
_EXACT = 2**53


class StateError(ValueError):
    """A state that JSON cannot hold, such as an infinite number."""


def text_of(state: State | None) -> str | None:
    """Give the canonical JSON; raises StateError when there is none.

    1.0 and 1 are one number, as in JSON: a broker may store either as the other.
    """
    if state is None:
        return None
    try:
        return json.dumps(_plain(state), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise StateError(f"no JSON: {error}") from error


def hash_of(state: State | None) -> str:
    """Give the SHA-256 of the canonical JSON in hex, or NONE; raises StateError as text_of does."""
    return hash_of_text(text_of(state))


def hash_of_text(text: str | None) -> str:
    """Give the hash of a state whose canonical JSON is at hand."""
    return NONE if text is None else hashlib.sha256(text.encode()).hexdigest()


def state_of(text: str | None) -> State | None:
    """Read canonical JSON; raises StateError when it is no JSON object."""
    if text is None:
        return None
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StateError(f"no JSON: {error}") from error
    if not isinstance(state, dict):
        raise StateError("no JSON object")
    return cast("State", state)


def _plain(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value).items()
        return {name: _plain(item) for name, item in items}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[object]", value)]
    return value
