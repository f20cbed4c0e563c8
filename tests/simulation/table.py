"""One replica of the registry's global table, and the events of IoT Core."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from functions.registry.table import COMPARISON_KEY, PULSES
from tests.simulation.things import ACCOUNT, Request, aws_error

Key = tuple[str, str]
Order = tuple[int, int]
_PAGE = 3
_NEVER = 10**15
_TOLERANCE = 3_600_000
"""Milliseconds by which clocks may differ, and more."""


class Replica:
    """A region's items, conditional puts, replication by the last writer, and TTL.

    `wrote` is called with each write of this region, None for a deletion, `streamed` with each
    record of another region's item.
    """

    def __init__(
        self,
        region: str,
        now: Callable[[], int],
        wrote: Callable[[Key, Any, Order], None],
        streamed: Callable[[Key, Any], None],
    ) -> None:
        self.region, self._now, self._wrote, self._streamed = region, now, wrote, streamed
        self.items: dict[Key, Any] = {}
        self._written: dict[Key, Order] = {}
        self._writes, self._next_expiry = 0, _NEVER
        self.born_expired: list[Key] = []
        """Rows that were created when their time was over already."""

    def query(self, r: Request) -> Any:
        ((_, entity),) = ((name, each["S"]) for name, each in
                          r["ExpressionAttributeValues"].items())  # fmt: skip
        return {"Items": [self.items[key] for key in sorted(self.items) if key[0] == entity]}

    def scan(self, r: Request) -> Any:
        after = r.get("ExclusiveStartKey", {"entity": {"S": ""}, "region": {"S": ""}})
        start = after["entity"]["S"], after["region"]["S"]
        keys = sorted(key for key in self.items if key > start)
        page: dict[str, Any] = {"Items": [self.items[key] for key in keys[:_PAGE]]}
        if len(keys) > _PAGE:
            entity, region = keys[_PAGE - 1]
            page["LastEvaluatedKey"] = {"entity": {"S": entity}, "region": {"S": region}}
        return page

    def put_item(self, r: Request) -> None:
        item = r["Item"]
        key = item["entity"]["S"], item["region"]["S"]
        assert key[1] == self.region, "a region wrote the row of another one"
        stored = self.items.get(key)
        # The condition as moto reads it, for which an item that does not exist has no attributes.
        condition = get_filter_expression(
            r.get("ConditionExpression"), {}, r.get("ExpressionAttributeValues", {})
        )
        before: Any = Item(DynamoType(item["entity"]), None, stored or {})
        if not condition.expr(before):
            raise aws_error("ConditionalCheckFailedException")
        if stored is None and self._expires(item) < self._now() - _TOLERANCE:
            self.born_expired.append(key)
        self.write(key, item)

    def rows(self) -> list[Any]:
        """Return the items of entities."""
        others = (PULSES, COMPARISON_KEY)
        return [item for (key, _), item in self.items.items() if not key.startswith(others)]

    def _expires(self, item: Any) -> int:
        return int(item["expires"]["N"]) * 1000 if "expires" in item else _NEVER

    def expired(self) -> list[Key]:
        """Return the keys of the items that TTL may delete now."""
        if self._now() <= self._next_expiry:
            return []
        times = {key: self._expires(item) for key, item in self.items.items()}
        self._next_expiry = min(times.values(), default=_NEVER)
        return [key for key, time in times.items() if time < self._now()]

    def write(self, key: Key, item: Any) -> None:
        """Write an item here, None to delete it."""
        self._writes += 1
        order = self._now(), self._writes
        self.receive(key, item, order)
        self._wrote(key, item, order)

    def receive(self, key: Key, item: Any, order: Order) -> None:
        """Take over a write unless a later one is here already."""
        if self._written.get(key, (0, 0)) >= order:
            return
        old = self.items.pop(key, None)
        self._written[key] = order
        if item is not None:
            self.items[key] = item
            self._next_expiry = min(self._next_expiry, self._expires(item))
        if key[1] == self.region or (item is None and old is None):
            return
        images = {"OldImage": old, "NewImage": item}
        change = {
            "Keys": {"entity": {"S": key[0]}, "region": {"S": key[1]}},
            **{image: value for image, value in images.items() if value},
        }
        name = "REMOVE" if item is None else "MODIFY" if old else "INSERT"
        self._streamed(key, {"eventName": name, "eventSource": "aws:dynamodb", "dynamodb": change})


_TRAIL = {
    *("create_policy", "create_policy_version", "set_default_policy_version"),
    *("delete_policy_version", "delete_policy", "attach_policy", "detach_policy"),
    *("attach_thing_principal", "detach_thing_principal", "register_certificate_without_ca"),
    *("update_certificate", "delete_certificate", "register_ca_certificate"),
    *("update_ca_certificate", "delete_ca_certificate"),
}
_REGISTRY = {
    f"{verb}_{noun}": (noun.upper(), member)
    for noun, member in (
        ("thing", "thingName"),
        ("thing_group", "thingGroupName"),
        ("thing_type", "thingTypeName"),
    )
    for verb in ("create", "update", "deprecate", "delete")
}
_SHADOW = {"update_thing_shadow": "update/documents", "delete_thing_shadow": "delete/accepted"}
_SPELLED = {"Ca": "CA", "WithoutCa": "WithoutCA"}


def event_of(call: str, r: Request, answer: Any, region: str, now: int) -> Mapping[str, Any] | None:
    """Return the event that a successful call causes; None if it changes nothing."""
    if call in _TRAIL:
        words = [_SPELLED.get(each, each) for each in call.title().split("_")]
        detail = {
            "eventSource": "iot.amazonaws.com", "eventName": "".join(words), "awsRegion": region,
            "eventTime": f"{datetime.fromtimestamp(now / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "recipientAccountId": ACCOUNT, "requestParameters": dict(r),
            "responseElements": answer,
        }  # fmt: skip
        return {"detail": detail}
    if call in _SHADOW:
        named = f"/name/{r['shadowName']}" if r.get("shadowName") else ""
        return {"topic": f"$aws/things/{r['thingName']}/shadow{named}/{_SHADOW[call]}", "time": now}
    common = {"timestamp": now, "accountId": ACCOUNT}
    if call.endswith(("_thing_to_thing_group", "_thing_from_thing_group")):
        arn = f"arn:aws:iot:{region}:{ACCOUNT}:thing/{r['thingName']}"
        return {"eventType": "THING_GROUP_MEMBERSHIP_EVENT", "thingArn": arn, **common}
    if call in _REGISTRY:
        noun, member = _REGISTRY[call]
        return {"eventType": f"{noun}_EVENT", member: r[member], **common}
    return None
