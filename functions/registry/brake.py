"""The brake on deletions that other regions have made: how many a region applies in an hour."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError

from functions.contract import ENTITY_KEY, REGION_KEY
from functions.probe.aws_error import code_of
from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.stamp import HybridStamp, wall_clock
from functions.registry.table import BRAKE_KEY

REASON: Final = "held back by the brake on deletions"
"""What the reason begins with that the row of a held deletion gives, by which it is found."""

LEAST: Final = 50
"""Deletions in an hour that every fleet may have: about a dozen devices."""

_HOUR: Final = 3_600_000
_TRIES: Final = 5
_PERCENT: Final = 100

_SAME_HOUR: Final = "counted_hour >= :hour"
_IS_FREE: Final = "attribute_not_exists(held_since)"
_BELOW: Final = "(deletions < :least OR deletions < allowed)"


class HeldBackError(PermanentError):
    """A deletion that waits for the decision of a person."""


class UpdatingClient(Protocol):
    """The method of boto3's DynamoDB client that is used here."""

    def update_item(self, **request: object) -> object:
        """Change an item; raises ClientError if the condition does not hold."""
        ...


@dataclass(frozen=True, kw_only=True)
class Brake:
    """Counts the deletions that a region applies, in one item of its own in the registry table.

    More than LEAST in an hour (of the clock) and more than `percent` of the region's entities
    engage it: from then on it holds every deletion back until a person decides. Those that the
    person has seen may then be let through, uncounted. The condition of an update is evaluated on
    the region's own replica, so parallel invocations never exceed the limit together:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.AtomicCounters
    """

    client: UpdatingClient
    table: str
    region: str
    percent: int
    now: Callable[[], int] = field(default=wall_clock)

    @contextmanager
    def counting(self, stamp: HybridStamp) -> Generator[None]:
        """Count a deletion made at `stamp`, unless what follows fails.

        Raises HeldBackError if it must not be applied, and ClientError and BotoCoreError as boto3
        does.
        """
        hour = self._count(stamp)
        try:
            yield
        except Exception:
            if hour is not None:
                # A deletion that is counted without being done only engages the brake earlier.
                with suppress(BotoCoreError, ClientError):
                    self._give_back(hour)
            raise

    def measure(self, entities: int) -> None:
        """Set the limit from the number of entities that the region has."""
        allowed = entities * self.percent // _PERCENT
        self._update("SET allowed = :allowed", "", allowed=allowed)

    def disengage(self, until: int | None = None) -> None:
        """Count again from 0; what was deleted up to `until` (milliseconds) may be applied."""
        given = {} if until is None else {"until": until}
        also = "" if until is None else ", let_through = :until"
        self._update(f"SET deletions = :none{also} REMOVE held_since", "", none=0, **given)

    def _count(self, stamp: HybridStamp) -> int | None:
        """Return the hour in which the deletion was counted, None if it needs no count."""
        for _ in range(_TRIES):
            hour = self.now() // _HOUR
            item = self._update(
                "ADD deletions :one",
                f"{_SAME_HOUR} AND {_IS_FREE} AND {_BELOW} AND"
                " (attribute_not_exists(let_through) OR let_through < :made)",
                hour=hour,
                one=1,
                least=LEAST,
                made=stamp.milliseconds,
            )
            if item is None:
                return hour
            if _number(item, "let_through") >= stamp.milliseconds:
                return None
            if "held_since" in item:
                raise HeldBackError(REASON)
            if _number(item, "counted_hour") < hour:
                condition = f"(attribute_not_exists(counted_hour) OR NOT {_SAME_HOUR})"
                change = "SET counted_hour = :hour, deletions = :none"
                self._update(change, condition, hour=hour, none=0)
            else:
                condition = f"{_SAME_HOUR} AND {_IS_FREE} AND NOT {_BELOW}"
                change = "SET held_since = :now"
                self._update(change, condition, now=self.now(), hour=hour, least=LEAST)
        raise RetryableError("the count of deletions is changed too often")

    def _give_back(self, hour: int) -> None:
        condition = "counted_hour = :hour AND deletions >= :one"
        self._update("SET deletions = deletions - :one", condition, hour=hour, one=1)

    def _update(self, change: str, condition: str, **values: int) -> Mapping[str, Any] | None:
        """Change the item; return what it is instead if the condition does not hold."""
        conditional = {
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self.client.update_item(
                TableName=self.table,
                Key={ENTITY_KEY: {"S": BRAKE_KEY}, REGION_KEY: {"S": self.region}},
                UpdateExpression=change,
                ExpressionAttributeValues={
                    f":{name}": {"N": str(value)} for name, value in values.items()
                },
                **(conditional if condition else {}),
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return cast("Mapping[str, Any]", error.response.get("Item", {}))
        return None


def _number(item: Mapping[str, Any], name: str) -> int:
    """Return a number of the item, -1 if it has none."""
    return int(item[name]["N"]) if name in item else -1
