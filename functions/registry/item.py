"""Rows as items of the DynamoDB table, in the attribute values of its low-level API.

docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from collections.abc import Mapping
from typing import Any, cast

from functions.contract import ENTITY_KEY, EXPIRY, REGION_KEY
from functions.registry.entity import Entity
from functions.registry.row import DeadLetter, Lost, Pending, Row
from functions.registry.stamp import HybridStamp, VersionVector
from functions.registry.state import canonical_json, hash_of_json, parsed_state

Item = Mapping[str, Any]
"""Attribute values by attribute name, such as `{"entity": {"S": "thing/sensor-1"}}`."""


class RowError(ValueError):
    """A malformed item; the message names its key and the mistake."""


def to_item(row: Row) -> dict[str, Any]:
    """Return the item of a row; raises StateError if its state cannot be written as JSON.

    `expires`, the TTL attribute, is in seconds since 1970, all other times are in milliseconds:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
    """
    item: dict[str, Any] = {
        ENTITY_KEY: {"S": row.entity.key},
        REGION_KEY: {"S": row.region},
        **_string_attribute("state", canonical_json(row.state)),
        "hash": {"S": row.hash},
        "stamp": {"S": str(row.stamp)},
        "seen": _version_vector_attribute(row.seen),
        "basis": _version_vector_attribute(row.basis),
        "held_at": {"N": str(row.held_at)},
        "revision": {"N": str(row.revision)},
        **_string_attribute("left", row.left),
    }
    expires_at = row.expires_at()
    if row.expires and expires_at is not None:
        item[EXPIRY] = {"N": str(expires_at // 1000)}
    if row.pending is not None:
        pending = row.pending
        item["pending"] = _map_attribute(hash=pending.hash, at=pending.at, by=pending.by)
    if row.dead_letter is not None:
        dead_letter = row.dead_letter
        item["parked"] = _map_attribute(
            reason=dead_letter.reason, at=dead_letter.at, attempts=dead_letter.attempts
        )
    if row.lost is not None:
        lost = {
            **_string_attribute("state", canonical_json(row.lost.state)),
            "stamp": {"S": str(row.lost.stamp)},
        }
        item["lost"] = {"M": lost}
    return item


def from_item(item: Item) -> Row:
    """Parse an item; raises RowError if it is malformed."""
    try:
        row = _row(item)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        key = {name: item.get(name) for name in (ENTITY_KEY, REGION_KEY)}
        raise RowError(f"the item {key} is not a row: {type(error).__name__} {error}") from error
    return row


def _row(item: Item) -> Row:
    text = _optional(item, "state", "S")
    row = Row(
        entity=Entity.parse(_required(item, ENTITY_KEY, "S")),
        region=_required(item, REGION_KEY, "S"),
        state=parsed_state(text),
        hash=_required(item, "hash", "S"),
        stamp=HybridStamp.parse(_required(item, "stamp", "S")),
        held_at=_number(item, "held_at"),
        revision=_number(item, "revision"),
        seen=_version_vector(item, "seen"),
        basis=_version_vector(item, "basis"),
        pending=_pending(item),
        left=_optional(item, "left", "S"),
        dead_letter=_dead_letter(item),
        lost=_lost(item),
        expires=EXPIRY in item,
    )
    if row.hash != hash_of_json(text):
        raise ValueError("its hash is of another state")
    if not row.is_blank and not row.stamp <= row.seen[row.stamp.region]:
        raise ValueError("its stamp is not among those that it has seen")
    return row


def _pending(item: Item) -> Pending | None:
    pending = _optional(item, "pending", "M")
    if pending is None:
        return None
    by = _required(pending, "by", "S")
    return Pending(hash=_required(pending, "hash", "S"), at=_number(pending, "at"), by=by)


def _dead_letter(item: Item) -> DeadLetter | None:
    dead_letter = _optional(item, "parked", "M")
    if dead_letter is None:
        return None
    reason, attempts = _required(dead_letter, "reason", "S"), _number(dead_letter, "attempts")
    return DeadLetter(reason=reason, at=_number(dead_letter, "at"), attempts=attempts)


def _lost(item: Item) -> Lost | None:
    lost = _optional(item, "lost", "M")
    if lost is None:
        return None
    stamp = HybridStamp.parse(_required(lost, "stamp", "S"))
    return Lost(state=parsed_state(_optional(lost, "state", "S")), stamp=stamp)


def _version_vector(item: Item, name: str) -> VersionVector:
    stamps = cast("Item", _required(item, name, "M"))
    seen = {region: HybridStamp.parse(_required(stamps, region, "S")) for region in stamps}
    if any(stamp.region != region for region, stamp in seen.items()):
        raise ValueError(f"{name} has a stamp of another region")
    return seen


def _required(item: Item, name: str, kind: str) -> Any:  # noqa: ANN401 - a string or a map, by `kind`
    value: object = item[name][kind]
    if not isinstance(value, dict if kind == "M" else str):
        raise TypeError(name)
    return cast("Any", value)


def _optional(item: Item, name: str, kind: str) -> Any:  # noqa: ANN401 - as above
    return _required(item, name, kind) if name in item else None


def _number(item: Item, name: str) -> int:
    text = cast("str", _required(item, name, "N"))
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} is {text!r}")
    return int(text)


def _string_attribute(name: str, value: str | None) -> dict[str, Any]:
    return {} if value is None else {name: {"S": value}}


def _map_attribute(**values: str | int) -> dict[str, Any]:
    typed = {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in values.items()
    }
    return {"M": typed}


def _version_vector_attribute(seen: VersionVector) -> dict[str, Any]:
    return {"M": {region: {"S": str(stamp)} for region, stamp in seen.items()}}
