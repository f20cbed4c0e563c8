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
_PICK: Final = cast("Any", serialize.AttributePicker.__call__)
_METHODS: Final = cast("Any", utils.method_names_from_class)


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Let a query look at its own partition alone, and two steps of each call be short."""
    patch.setattr(Table, "query", _query)
    patch.setattr(Table, "all_items", _all_items)
    patch.setattr(serialize.AttributePicker, "__call__", _pick)
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


def _pick(picker: Any, context: Any) -> Any:
    # DynamoDB's own types are looked for under twenty names each, of which theirs is the only one.
    structure, value = getattr(context.shape, "parent", None), context.obj
    if structure is not None and structure.name == "AttributeValue" and isinstance(value, dict):
        return cast("dict[str, Any]", value).get(context.key)
    return _PICK(picker, context)
