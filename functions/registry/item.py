"""Rows as items of DynamoDB, in the form of its low-level interface."""

from collections.abc import Mapping
from typing import Any, cast

from functions.registry.entity import Entity
from functions.registry.row import Lost, Parked, Pending, Row
from functions.registry.stamp import Seen, Stamp
from functions.registry.state import hash_of_text, state_of, text_of

Item = Mapping[str, Any]
"""Typed values by the names of attributes, such as `{"entity": {"S": "thing/sensor-1"}}`."""


class RowError(ValueError):
    """An item that is no row; the message names the key and what is wrong with it."""


def to_item(row: Row) -> dict[str, Any]:
    """Give the item of a row; raises StateError when its state is no JSON."""
    item: dict[str, Any] = {
        "entity": {"S": row.entity.key},
        "region": {"S": row.region},
        **_text("state", text_of(row.state)),
        "hash": {"S": row.hash},
        "stamp": {"S": str(row.stamp)},
        "seen": _map_of(row.seen),
        "basis": _map_of(row.basis),
        "held_at": {"N": str(row.held_at)},
        "revision": {"N": str(row.revision)},
        **_text("left", row.left),
    }
    gone_at = row.gone_at()
    if row.expires and gone_at is not None:
        item["expires"] = {"N": str(gone_at // 1000)}
    if row.pending is not None:
        pending = row.pending
        item["pending"] = _map(hash=pending.hash, at=pending.at, by=pending.by)
    if row.parked is not None:
        parked = row.parked
        item["parked"] = _map(reason=parked.reason, at=parked.at, attempts=parked.attempts)
    if row.lost is not None:
        lost = {**_text("state", text_of(row.lost.state)), "stamp": {"S": str(row.lost.stamp)}}
        item["lost"] = {"M": lost}
    return item


def from_item(item: Item) -> Row:
    """Read the row of an item; raises RowError when it is none."""
    try:
        row = _row(item)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        key = {name: item.get(name) for name in ("entity", "region")}
        raise RowError(f"the item {key} is no row: {type(error).__name__} {error}") from error
    return row


def _row(item: Item) -> Row:
    text = _optional(item, "state", "S")
    row = Row(
        entity=Entity.parse(_value(item, "entity", "S")),
        region=_value(item, "region", "S"),
        state=state_of(text),
        hash=_value(item, "hash", "S"),
        stamp=Stamp.parse(_value(item, "stamp", "S")),
        held_at=_number(item, "held_at"),
        revision=_number(item, "revision"),
        seen=_seen(item, "seen"),
        basis=_seen(item, "basis"),
        pending=_pending(item),
        left=_optional(item, "left", "S"),
        parked=_parked(item),
        lost=_lost(item),
        expires="expires" in item,
    )
    if row.hash != hash_of_text(text):
        raise ValueError("its hash is of another state")
    if not row.is_blank and not row.stamp <= row.seen[row.stamp.region]:
        raise ValueError("its stamp is not among those that it has seen")
    return row


def _pending(item: Item) -> Pending | None:
    found = _optional(item, "pending", "M")
    if found is None:
        return None
    by = _value(found, "by", "S")
    return Pending(hash=_value(found, "hash", "S"), at=_number(found, "at"), by=by)


def _parked(item: Item) -> Parked | None:
    found = _optional(item, "parked", "M")
    if found is None:
        return None
    reason, attempts = _value(found, "reason", "S"), _number(found, "attempts")
    return Parked(reason=reason, at=_number(found, "at"), attempts=attempts)


def _lost(item: Item) -> Lost | None:
    found = _optional(item, "lost", "M")
    if found is None:
        return None
    stamp = Stamp.parse(_value(found, "stamp", "S"))
    return Lost(state=state_of(_optional(found, "state", "S")), stamp=stamp)


def _seen(item: Item, name: str) -> Seen:
    found = cast("Item", _value(item, name, "M"))
    seen = {region: Stamp.parse(_value(found, region, "S")) for region in found}
    if any(stamp.region != region for region, stamp in seen.items()):
        raise ValueError(f"{name} has a stamp of another region")
    return seen


def _value(item: Item, name: str, kind: str) -> Any:  # noqa: ANN401 - a text or an item, by kind
    value: object = item[name][kind]
    if not isinstance(value, dict if kind == "M" else str):
        raise TypeError(name)
    return cast("Any", value)


def _optional(item: Item, name: str, kind: str) -> Any:  # noqa: ANN401 - as above
    return _value(item, name, kind) if name in item else None


def _number(item: Item, name: str) -> int:
    text = cast("str", _value(item, name, "N"))
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} is {text!r}")
    return int(text)


def _text(name: str, value: str | None) -> dict[str, Any]:
    return {} if value is None else {name: {"S": value}}


def _map(**values: str | int) -> dict[str, Any]:
    typed = {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in values.items()
    }
    return {"M": typed}


def _map_of(seen: Seen) -> dict[str, Any]:
    return {"M": {region: {"S": str(stamp)} for region, stamp in seen.items()}}
