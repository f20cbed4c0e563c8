"""Two regions of moto with the functions of both, and what AWS carries between them.

moto copies nothing between replicas, and no event source calls a function.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest

from functions.registry.access import RegistryAccess
from functions.registry.entity import Entity
from functions.registry.row import Row
from functions.registry.stamp import wall_clock
from functions.registry.table import COMPARISON_KEY
from functions.registry_apply.consumer import MAX_RETRY_AGE
from tests.functions.registry.aws import (
    ACCOUNT,
    TABLE,
    AwsRegion,
    Context,
    Handle,
    batch,
    failed,
    made_up_account,
)
from tests.functions.registry.events import trail_time
from tests.functions.registry.rows import CENTRAL, WEST

_LOG = logging.getLogger(__name__)
_MOST_ROUNDS = 40
# A change that fails each time is a day old with its tenth receipt.
_OLDER = MAX_RETRY_AGE // 9 + 1
# A throttled fleet has few more; only a certificate that was attached again keeps its detachment.
_LATE_RECEIPT = 10
_RECORDS, _MESSAGES = 100, 10
_MANY = 1000
"""With so many records a round takes so long that it prints its progress."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message that waits in a queue, and how often it was received."""

    id: str
    body: Any
    received: int = 0

    def body_at(self, now: int) -> Any:
        """Return the body; an event whose receipt is late is as old as its message."""
        if self.received < _LATE_RECEIPT or "detail" not in self.body:
            return self.body
        at = trail_time(now - self.received * _OLDER)
        return {**self.body, "detail": {**self.body["detail"], "eventTime": at}}


@dataclass
class Side:
    """A region with its functions, each loaded once, and what waits for them."""

    aws: AwsRegion
    functions: dict[str, Handle] = field(default_factory=dict[str, Handle])
    waiting: dict[str, list[Message]] = field(default_factory=dict[str, list[Message]])
    changed: dict[str, Any] = field(default_factory=dict[str, Any])
    """The keys of the own rows that no other replica has yet."""

    def __post_init__(self) -> None:
        for name in ("capture", "apply", "reconcile"):
            self.functions[name] = self.aws.load(name)
            self.waiting[name] = []
        self._numbers = count()
        self._read = 0

    @property
    def iot(self) -> Any:
        return self.aws.iot

    def call(self, function: str, event: dict[str, Any]) -> list[str]:
        return failed(self.functions[function](event, Context()))

    def notify(self, *events: dict[str, Any]) -> None:
        """Let events of this region's be captured."""
        assert self.call("capture", batch(*events)) == []

    def put(self, function: str, *bodies: Any) -> None:
        """Let messages wait for a function."""
        self.waiting[function] += [
            Message(id=f"m{next(self._numbers)}", body=body) for body in bodies
        ]

    def reconcile(self, calls: int = 10_000) -> int:
        """Compare all; gives the runs, each of which asks so often for the time that is left."""
        reconcile, event = self.functions["reconcile"], dict[str, Any]()
        for runs in count(1):
            if reconcile(event, Context(calls))["done"]:
                return runs
            event = batch(*self.aws.messages("reconcile"))
        raise AssertionError

    def rows(self) -> dict[tuple[str, str], Row]:
        return {(row.entity.key, row.region): row for row in self.aws.log.scan()}

    def access(self) -> RegistryAccess:
        return RegistryAccess(self.iot, self.aws.shadows, self.aws.region, ACCOUNT)

    def state(self, entity: Entity) -> Any:
        return self.access().read(entity)

    def run(self) -> bool:
        """Let each function have once what waits for it; return whether anything did."""
        self.put("apply", *self.aws.messages("retry"), *self.aws.messages("apply-shadows"))
        self.put("capture", *self.aws.messages("changes"))
        records = self.aws.records(self._read)
        self._read += len(records)
        # Only rows are changes of entities, and not the lease of a comparison.
        of_lease = {"S": COMPARISON_KEY}
        records = [each for each in records if each["dynamodb"]["Keys"]["entity"] != of_lease]
        for record in records:
            keys = record["dynamodb"]["Keys"]
            if keys["region"]["S"] == self.aws.region:
                self.changed[keys["entity"]["S"]] = keys
        for begin in range(0, len(records), _RECORDS):
            if len(records) >= _MANY:
                _LOG.info("%s: record %d of %d", self.aws.region, begin, len(records))
            some = records[begin : begin + _RECORDS]
            assert self.call("apply", {"Records": some}) == []
        moved = [self._deliver(function) for function in ("apply", "capture")]
        return any([records, *moved])

    def replicate(self, other: "Side") -> bool:
        """Bring the own rows as they are now into the other replica; return whether any is new."""
        changed, self.changed = self.changed, {}
        # DynamoDB keeps no order between items; this one brings last what the others need.
        for keys in reversed(changed.values()):
            item = self.aws.dynamodb.get_item(TableName=TABLE, Key=keys)["Item"]
            other.aws.dynamodb.put_item(TableName=TABLE, Item=item)
        return bool(changed)

    def _deliver(self, function: str) -> bool:
        waiting, self.waiting[function] = self.waiting[function], []
        for begin in range(0, len(waiting), _MESSAGES):
            some = waiting[begin : begin + _MESSAGES]
            now = wall_clock()
            event = batch(*(message.body_at(now) for message in some))
            for record, message in zip(event["Records"], some, strict=True):
                record["messageId"] = message.id
                record["attributes"] = {
                    "ApproximateReceiveCount": str(message.received + 1),
                    "ApproximateFirstReceiveTimestamp": str(now - message.received * _OLDER),
                }
            again = self.call(function, event)
            self.waiting[function] += [
                replace(message, received=message.received + 1)
                for message in some
                if message.id in again
            ]
        return bool(waiting)


@dataclass
class Pair:
    """The regions, and whether rows go from one to the other."""

    west: Side
    central: Side
    parted: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.west, self.central

    def carry(self) -> bool:
        """Carry once what is under way; return whether anything was."""
        moved = [side.run() for side in self.sides]
        if not self.parted:
            moved += [self.west.replicate(self.central), self.central.replicate(self.west)]
        return any(moved)

    def settle(self) -> int:
        """Carry until nothing is under way; gives the rounds that it took."""
        for rounds in range(_MOST_ROUNDS):
            if not self.carry():
                return rounds
            wait = sum(len(some) for side in self.sides for some in side.waiting.values())
            _LOG.info("round %d: %d messages wait", rounds + 1, wait)
        raise AssertionError("the regions never settle")

    def agree(self) -> dict[str, Any]:
        """Return the states, which are the same in both regions, as are the rows."""
        for side in self.sides:
            assert side.aws.messages("dead-letters") == []
        rows = self.west.rows()
        assert rows.keys() == self.central.rows().keys()
        entities = [Entity.parse(key) for key in sorted({key for key, _ in rows})]
        states = {entity.key: self.west.state(entity) for entity in entities}
        assert states == {entity.key: self.central.state(entity) for entity in entities}
        for entity in entities:
            assert rows[entity.key, WEST].hash == rows[entity.key, CENTRAL].hash
            assert rows[entity.key, WEST].stamp == rows[entity.key, CENTRAL].stamp
        return states


@contextmanager
def two_regions(monkeypatch: pytest.MonkeyPatch) -> Generator[Pair]:
    """Return two regions of an empty account for a `with` block."""
    with made_up_account(monkeypatch):
        west, central = (Side(AwsRegion(region, monkeypatch)) for region in (WEST, CENTRAL))
        yield Pair(west, central)
