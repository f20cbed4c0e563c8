"""The state of an entity as canonical JSON, so that regions can compare hashes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

State = Mapping[str, Any]
"""A JSON object whose members depend on the kind of entity; None means a missing entity."""

HASH_OF_NONE = "none"
"""The hash of an entity that does not exist."""

# From 2**53 on a float (IEEE 754 binary64) no longer represents every integer.
_MAX_EXACT_FLOAT = 2**53


class StateError(ValueError):
    """A state that JSON cannot represent, such as an infinite number, or text that is not one."""


def canonical_json(state: State | None) -> str | None:
    """Return the canonical JSON, None for None.

    1.0 and 1 are the same number in JSON, and brokers store either as the other: both become 1.
    Raises StateError if JSON cannot represent the state.
    """
    if state is None:
        return None
    try:
        return json.dumps(
            _normalized(state), sort_keys=True, separators=(",", ":"), allow_nan=False
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise StateError(f"not JSON: {error}") from error


def hash_of(state: State | None) -> str:
    """Return the SHA-256 of the canonical JSON in hex, HASH_OF_NONE for None.

    Raises StateError as canonical_json does.
    """
    return hash_of_json(canonical_json(state))


def hash_of_json(text: str | None) -> str:
    """Return the hash of a state whose canonical JSON is at hand."""
    return HASH_OF_NONE if text is None else hashlib.sha256(text.encode()).hexdigest()


def parsed_state(text: str | None) -> State | None:
    """Parse canonical JSON, None for None; raises StateError if it is not a JSON object."""
    if text is None:
        return None
    try:
        state = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StateError(f"not JSON: {error}") from error
    if not isinstance(state, dict):
        raise StateError("not a JSON object")
    return cast("State", state)


def _normalized(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_EXACT_FLOAT:
        return int(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value).items()
        return {name: _normalized(item) for name, item in items}
    if isinstance(value, (list, tuple)):
        return [_normalized(item) for item in cast("list[object]", value)]
    return value
