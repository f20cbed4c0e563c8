"""Nested blocks of a resource, which JSON contains as an object or a list of objects."""

from collections.abc import Mapping

from iot_dr.terraform_json.json_value import Json, mappings


def blocks(values: Mapping[str, Json], name: str) -> tuple[Mapping[str, Json], ...]:
    """Return the nested blocks of a name; empty if the value has another type."""
    return tuple(mappings(values.get(name)))


def block(values: Mapping[str, Json], name: str) -> Mapping[str, Json] | None:
    """Return the first nested block of a name, None if there is none."""
    return next(iter(blocks(values, name)), None)
