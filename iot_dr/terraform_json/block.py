"""Nested blocks of a resource, which JSON tells as an object or as a list of objects."""

from collections.abc import Mapping

from iot_dr.terraform_json.json_value import Json, mappings


def blocks(values: Mapping[str, Json], name: str) -> tuple[Mapping[str, Json], ...]:
    """Give the nested blocks of that name; none where there is something else."""
    return tuple(mappings(values.get(name)))


def block(values: Mapping[str, Json], name: str) -> Mapping[str, Json] | None:
    """Give the first nested block of that name, None where there is none."""
    return next(iter(blocks(values, name)), None)
