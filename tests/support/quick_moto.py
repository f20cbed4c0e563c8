"""moto's answers, given sooner: it looks at all that a region holds for most of them.

What it answers stays the same, and boto3 serialises, signs and parses each call as ever.
"""

import copy
from functools import cache
from typing import Any, Final, cast

import pytest
from moto.core import responses, serialize, utils
from moto.dynamodb.models.table import Table

_ALL: Final = cast("Any", Table.all_items)
_QUERY: Final = cast("Any", Table.query)
_STRUCTURE: Final = cast("Any", serialize.ResponseSerializer)._serialize_type_structure
_METHODS: Final = cast("Any", utils.method_names_from_class)


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Let a query look at its own partition alone, and two steps of each call be short."""
    patch.setattr(Table, "query", _query)
    patch.setattr(Table, "all_items", _all_items)
    patch.setattr(serialize.ResponseSerializer, "_serialize_type_structure", _structure)
    patch.setattr(responses, "method_names_from_class", cache(_METHODS))


def _query(table: Any, hash_key: Any, *given: Any, **named: Any) -> Any:
    if named.get("index_name"):
        return _QUERY(table, hash_key, *given, **named)
    partition = copy.copy(table)
    partition.items = {hash_key: table.items[hash_key]} if hash_key in table.items else {}
    return _QUERY(partition, hash_key, *given, **named)


def _all_items(table: Any) -> list[Any]:
    if not table.range_key_attr:
        return _ALL(table)
    # By the values themselves, which moto wraps and casts for each comparison.
    items = [item for part in table.items.values() for item in part.values()]
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))


def _structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name != "AttributeValue" or not isinstance(value, dict):
        _STRUCTURE(serializer, serialized, value, shape, key)
        return
    # Of DynamoDB's ten types each value has one; moto looks for all, under twenty names each.
    wrapper = serializer.MAP_TYPE()
    for name, content in cast("dict[str, Any]", value).items():
        serializer._serialize(wrapper, content, shape.members[name], name)
    serializer._default_serialize(serialized, wrapper, shape, key)
