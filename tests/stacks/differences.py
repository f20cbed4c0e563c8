"""How one stack's JSON differs from another's, in the place of two snapshots nearly the same."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

ABSENT: Final = "absent"


def named(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with regions called by other names, in logical ids too."""
    text = json.dumps(document)
    for region, name in names.items():
        text = text.replace(region, name).replace(region.replace("-", "_"), name)
    return json.loads(text)


def differences(document: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """Return what `document` has where it differs from `base`, by dotted path; ABSENT for nothing.

    JSON in strings is compared as what it says, and statements of policies by their `Sid`.
    """
    return dict(_differences("", document, base))


def _differences(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any]]:
    one, other = _parsed(one), _parsed(other)
    if one == other:
        return
    if not (isinstance(one, dict) and isinstance(other, dict)):
        yield path, one
        return
    here, there = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
    for key in {**here, **there}:
        below = f"{path}.{key}" if path else key
        yield from _differences(below, here.get(key, ABSENT), there.get(key, ABSENT))


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        return _parsed(json.loads(value))
    if isinstance(value, list) and value:
        entries = cast("list[Any]", value)
        if all(isinstance(each, dict) for each in entries):
            ids = [each.get("Sid", str(place)) for place, each in enumerate(entries)]
            assert len(set(ids)) == len(ids), ids
            return dict(zip(ids, entries, strict=True))
    return cast("Any", value)
