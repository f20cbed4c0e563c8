"""Records of the table's stream, as Lambda hands them over."""

from collections.abc import Iterable
from typing import Any

from functions.registry.item import to_item
from functions.registry.row import Row


def record(new: Row | None, old: Row | None = None, number: int = 0) -> dict[str, Any]:
    """Return the record of a row that was written, or deleted when there is no new one."""
    row = new or old
    assert row is not None
    change: dict[str, Any] = {
        "Keys": {"entity": {"S": row.entity.key}, "region": {"S": row.region}},
        "SequenceNumber": str(number),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if new is not None:
        change["NewImage"] = to_item(new)
    if old is not None:
        change["OldImage"] = to_item(old)
    name = "REMOVE" if new is None else "INSERT" if old is None else "MODIFY"
    return {
        "eventID": f"e{number}", "eventName": name, "eventSource": "aws:dynamodb",
        "dynamodb": change,
    }  # fmt: skip


def records(changes: Iterable[tuple[Row | None, Row | None]]) -> dict[str, Any]:
    """Return a batch of records of new and old rows."""
    return {"Records": [record(new, old, number) for number, (new, old) in enumerate(changes)]}
