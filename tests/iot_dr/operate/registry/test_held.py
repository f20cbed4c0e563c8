"""What an operator decides about the deletions that a region holds back, against moto."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.registry.brake import LEAST, REASON, Brake, HeldBackError
from functions.registry.entity import Entity, Kind
from functions.registry.item import to_item
from functions.registry.queue import Queue
from functions.registry.row import DeadLetter, Row
from functions.registry.stamp import HybridStamp
from functions.registry.table import BRAKE_KEY
from iot_dr.common.user_error import UserError
from iot_dr.operate.registry.held import HeldDeletions
from tests.functions.registry.aws import TABLE, AwsRegion, made_up_account
from tests.functions.registry.rows import CENTRAL, WEST, row

NOW = 1_800_000_000_000


@dataclass
class Engaged:
    """A region with an engaged brake, and the deletions that it holds back."""

    here: AwsRegion
    deleted: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.brake = Brake(
            client=self.here.dynamodb, table=TABLE, region=WEST, percent=2, now=lambda: NOW
        )
        retry = Queue(self.here.sqs, self.here.urls["retry"])
        self.deletions = HeldDeletions(
            region=WEST, table=self.here.log, brake=self.brake, retry=retry, now=lambda: NOW
        )
        for _ in range(LEAST):
            self.count(NOW - 10)
        with pytest.raises(HeldBackError):
            self.count(NOW - 10)

    def count(self, made: int) -> None:
        with self.brake.counting(HybridStamp(made, 0, CENTRAL)):
            self.deleted += 1

    def hold(self, name: str, made: int, reason: str = REASON) -> Row:
        """Hold the deletion of a thing back; return the row of the region that deleted it."""
        entity = Entity(Kind.THING, name)
        own = row(entity, WEST, {"attributes": {}}, "10@eu-central-1")
        dead_letter = DeadLetter(reason=reason, at=NOW, attempts=1)
        gone = replace(row(entity, CENTRAL, None, f"{made}@{CENTRAL}"), basis=own.seen)
        for item in (replace(own, dead_letter=dead_letter), gone):
            self.put(item)
        return gone

    def put(self, row: Row) -> None:
        self.here.dynamodb.put_item(TableName=TABLE, Item=to_item(replace(row, revision=1)))

    @property
    def item(self) -> dict[str, Any]:
        """What the brake has recorded."""
        key = {"entity": {"S": BRAKE_KEY}, "region": {"S": WEST}}
        return self.here.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]


@pytest.fixture
def engaged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engaged]:
    with made_up_account(monkeypatch):
        yield Engaged(AwsRegion(WEST, monkeypatch))


def test_only_what_was_listed_is_let_through_without_a_count(engaged: Engaged) -> None:
    engaged.hold("a", NOW - 9)
    engaged.hold("b", NOW - 5)
    listed = engaged.deletions.deletions()
    assert engaged.deletions.let_through(listed) == 2
    sent = engaged.here.messages("retry")
    assert [each["entity"] for each in sent] == ["thing/a", "thing/b"]
    for _ in range(2 * LEAST):
        engaged.count(NOW - 5)
    for _ in range(LEAST):
        engaged.count(NOW - 4)
    with pytest.raises(HeldBackError):
        engaged.count(NOW - 4)


def test_what_an_earlier_version_held_back_is_listed(engaged: Engaged) -> None:
    reason = "held back by the brake on deletions: see `iot-dr registry deletions`"
    engaged.hold("a", NOW - 9, reason)
    assert [each.name for each in engaged.deletions.deletions()] == ["a"]


def test_where_nothing_is_held_back_nothing_is_let_through_without_a_count(
    engaged: Engaged,
) -> None:
    assert engaged.deletions.let_through({}) == 0
    assert "held_since" not in engaged.item
    assert "let_through" not in engaged.item


def test_the_brake_stays_engaged_while_a_deletion_is_held_back_that_was_not_restored(
    engaged: Engaged,
) -> None:
    engaged.hold("a", NOW - 9)
    listed = engaged.deletions.deletions()
    engaged.hold("b", NOW - 5)
    assert engaged.deletions.restore(listed) == 1
    assert "held_since" in engaged.item
    again = engaged.deletions.deletions()
    assert [each.name for each in again] == ["b"]
    assert engaged.deletions.restore(again) == 1
    assert "held_since" not in engaged.item


def test_what_was_created_again_in_the_meantime_is_not_listed(engaged: Engaged) -> None:
    gone = engaged.hold("a", NOW - 9)
    again = row(gone.entity, CENTRAL, {"attributes": {"n": "1"}}, f"{NOW - 1}@{CENTRAL}")
    engaged.put(replace(again, basis=gone.seen))
    assert engaged.deletions.deletions() == {}


def test_a_queue_that_does_not_take_the_messages_is_named_and_a_second_run_sends_them(
    engaged: Engaged,
) -> None:
    engaged.hold("a", NOW - 9)
    listed = engaged.deletions.deletions()
    engaged.here.sqs.delete_queue(QueueUrl=engaged.here.urls["retry"])
    with pytest.raises(UserError, match=r"sqs:SendMessage in eu-west-1: refused"):
        engaged.deletions.let_through(listed)
    engaged.here.sqs.create_queue(QueueName="iot-dev-retry")
    assert engaged.deletions.let_through(engaged.deletions.deletions()) == 1
    assert [each["entity"] for each in engaged.here.messages("retry")] == ["thing/a"]
