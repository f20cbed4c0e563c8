"""The entity that a DynamoDB stream record of the registry table names, if it is to be applied."""

from collections.abc import Mapping
from typing import Any, cast

from functions.contract import ENTITY_KEY, REGION_KEY
from functions.registry.entity import Entity, EntityError, Kind

# All other attributes of a row concern its own region only.
_REPLICATED = ("stamp", "hash", "seen")


def is_of_shadow(record: Mapping[str, Any]) -> bool:
    """Whether a record, which may be malformed, is of the row of a shadow."""
    try:
        return bool(record["dynamodb"]["Keys"][ENTITY_KEY]["S"].startswith(f"{Kind.SHADOW}/"))
    except (KeyError, TypeError, AttributeError):
        return False


def changed_elsewhere(record: Mapping[str, Any], region: str) -> Entity | None:
    """Return the entity for which another region's row has changed in what this region applies.

    None for a row of `region` itself, a deleted or blank row, and a change of other attributes than
    stamp, hash and version vector, such as `pending`, `dead_letter` or the counts of a brake.
    Raises EntityError if the record's key does not identify an entity; KeyError, TypeError or
    AttributeError if the record is malformed.
    """
    change = cast("Mapping[str, Any]", record["dynamodb"])
    keys = change["Keys"]
    if record["eventName"] == "REMOVE" or keys[REGION_KEY]["S"] == region:
        return None
    new, old = change.get("NewImage", {}), change.get("OldImage", {})
    is_blank = "seen" in new and not new["seen"].get("M")
    if is_blank or (new and all(new.get(name) == old.get(name) for name in _REPLICATED)):
        return None
    key = keys[ENTITY_KEY]["S"]
    if not isinstance(key, str):
        raise EntityError("the record's key must be a string")
    return Entity.parse(key)
