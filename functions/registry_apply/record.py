"""Which entity a record of the table's stream says that may have changed elsewhere."""

from collections.abc import Mapping
from typing import Any, cast

from functions.registry.entity import Entity, EntityError

# What else is in a row tells of its own region alone.
_TELLING = ("stamp", "hash", "seen")


def changed_elsewhere(record: Mapping[str, Any], region: str) -> Entity | None:
    """Give the entity that another region's row tells something new of.

    Nothing is new in a row of the own region, in one that is deleted, in one that only says that a
    change is pending or parked there, and in one that knows nothing yet. Raises EntityError when
    the record's key names no entity.
    """
    change = cast("Mapping[str, Any]", record["dynamodb"])
    keys = change["Keys"]
    if record["eventName"] == "REMOVE" or keys["region"]["S"] == region:
        return None
    new, old = change.get("NewImage", {}), change.get("OldImage", {})
    is_blank = "seen" in new and not new["seen"].get("M")
    if is_blank or (new and all(new.get(name) == old.get(name) for name in _TELLING)):
        return None
    key = keys["entity"]["S"]
    if not isinstance(key, str):
        raise EntityError("the record's key is no text")
    return Entity.parse(key)
