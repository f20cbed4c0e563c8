"""How many deletions of other regions a region applies, against moto."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from functions.registry.brake import LEAST, Brake, HeldBackError
from functions.registry.stamp import HybridStamp
from functions.registry.table import BRAKE_KEY
from tests.functions.registry.aws import TABLE, AwsRegion, made_up_account
from tests.functions.registry.rows import CENTRAL, WEST

HOUR = 3_600_000


@dataclass
class Atomic:
    """A client whose updates are atomic, as DynamoDB's are: moto's are not among threads."""

    client: Any
    lock: Lock = field(default_factory=Lock)

    def update_item(self, **request: object) -> object:
        with self.lock:
            return self.client.update_item(**request)


@dataclass
class Counting:
    """A brake, and the deletions that it let through."""

    here: AwsRegion
    now: int = 500_000 * HOUR
    done: int = 0

    def __post_init__(self) -> None:
        self.brake = Brake(
            client=Atomic(self.here.dynamodb),
            table=TABLE,
            region=WEST,
            percent=2,
            now=lambda: self.now,
        )

    def delete(self, count: int = 1, made: int | None = None) -> None:
        stamp = HybridStamp(self.now if made is None else made, 0, CENTRAL)
        for _ in range(count):
            with suppress(HeldBackError), self.brake.counting(stamp):
                self.done += 1


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch, credentials: dict[str, str]) -> Iterator[Counting]:
    assert credentials
    with made_up_account(monkeypatch):
        yield Counting(AwsRegion(WEST, monkeypatch))


def test_every_fleet_may_have_a_few_deletions_and_then_none_even_in_the_next_hours(
    counting: Counting,
) -> None:
    counting.delete(LEAST + 2)
    assert counting.done == LEAST
    counting.now += 30 * HOUR
    counting.delete()
    assert counting.done == LEAST, "what is suspicious does not become right by waiting"


def test_a_large_fleet_may_have_a_share_of_its_entities_and_each_hour_counts_for_itself(
    counting: Counting,
) -> None:
    counting.brake.measure(50 * (LEAST + 10))
    for hours in (1, 2):
        counting.delete(LEAST + 5)
        assert counting.done == hours * (LEAST + 5)
        counting.now += HOUR
    counting.delete(LEAST + 11)
    assert counting.done == 3 * (LEAST + 5) + 5


def test_many_runs_at_once_do_not_exceed_the_limit_together(counting: Counting) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(counting.delete, [1] * (LEAST + 20)))
    assert counting.done == LEAST


def test_a_deletion_that_fails_is_not_counted(counting: Counting) -> None:
    stamp = HybridStamp(counting.now, 0, CENTRAL)
    for _ in range(2 * LEAST):
        with pytest.raises(LookupError), counting.brake.counting(stamp):
            raise LookupError
    counting.delete(LEAST)
    assert counting.done == LEAST


def test_what_is_let_through_is_not_counted_and_what_is_deleted_later_is(
    counting: Counting,
) -> None:
    counting.delete(LEAST + 1)
    counting.now += 1000
    before = counting.now
    counting.brake.disengage(counting.now)
    counting.now += 1000
    counting.delete(2 * LEAST, made=before)
    assert counting.done == 3 * LEAST
    counting.delete(LEAST + 1)
    assert counting.done == 4 * LEAST
    counting.delete(made=before)
    assert counting.done == 4 * LEAST + 1, "a comparison finds it days later"


def test_after_a_restoration_deletions_count_again_and_old_ones_too(counting: Counting) -> None:
    counting.delete(LEAST + 1)
    counting.brake.disengage()
    counting.delete(LEAST + 1)
    assert counting.done == 2 * LEAST


def test_a_clock_that_is_behind_at_the_turn_of_the_hour_engages_nothing(
    counting: Counting,
) -> None:
    counting.delete()
    counting.now -= HOUR
    counting.delete()
    assert counting.done == 2


def test_the_table_s_rows_do_not_contain_it(counting: Counting) -> None:
    counting.delete()
    assert list(counting.here.log.scan()) == []
    key = {"entity": {"S": BRAKE_KEY}, "region": {"S": WEST}}
    assert "Item" in counting.here.dynamodb.get_item(TableName=TABLE, Key=key)
