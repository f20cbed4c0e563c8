"""In what two states of an entity differ, in a form that may be printed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from functions.registry.entity import Kind
from functions.registry.state import State, text_of
from iot_dr.common.plain_text import plain

_LONGEST: Final = 120
_ABSENT: Final = object()


@dataclass(frozen=True)
class Field:
    """A part of a state by its dotted path, and how it stands in each region when that is shown."""

    path: str
    first: str | None = None
    second: str | None = None


def differing(
    kind: Kind, first: State | None, second: State | None, *, show: bool
) -> tuple[Field, ...]:
    """Give the parts that differ; `show` their values too, and what is inside a shadow.

    Of a certificate a fingerprint is shown, never the PEM.
    """
    deep = show or kind is not Kind.SHADOW
    parts = _differing("", first or {}, second or {}, deep=deep)
    return tuple(
        Field(plain(path), _shown(path, one), _shown(path, other)) if show else Field(plain(path))
        for path, one, other in parts
    )


def _differing(
    path: str, first: Mapping[str, Any], second: Mapping[str, Any], *, deep: bool
) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(first.keys() | second.keys()):
        one, other = first.get(name, _ABSENT), second.get(name, _ABSENT)
        here = f"{path}.{name}" if path else name
        if _same(one, other):
            continue
        if deep and isinstance(one, Mapping) and isinstance(other, Mapping):
            inner = cast("Mapping[str, Any]", one), cast("Mapping[str, Any]", other)
            yield from _differing(here, *inner, deep=deep)
        else:
            yield here, one, other


def _same(one: object, other: object) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return False
    return text_of({"": one}) == text_of({"": other})


def _shown(path: str, value: object) -> str:
    if value is _ABSENT:
        return "not there"
    if path == "pem":
        return f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:16]}"
    text = plain(json.dumps(value, sort_keys=True, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
