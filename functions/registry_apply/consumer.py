"""Handling of one stream record or retry message that names an entity to apply."""

import uuid
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from functions.contract import ENTITY_KEY, HELD_BACK, REGION_KEY
from functions.probe.metrics import Metrics
from functions.registry.access.errors import PermanentError
from functions.registry.apply import Apply
from functions.registry.brake import HeldBackError
from functions.registry.entity import Entity, EntityError, Kind
from functions.registry.failures import TimeUpError, reject
from functions.registry.item import RowError
from functions.registry.pending import ChangePendingError
from functions.registry.queue import Queue, entity_in, json_object
from functions.registry.reason import reason_of
from functions.registry.table import RevisionConflictError

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


MAX_RETRY_AGE = 24 * 3_600_000
"""Milliseconds after its first receipt for which a change is retried, then it is dead-lettered."""

_DELAY_STEP = 5


@dataclass(frozen=True, kw_only=True)
class RetryMessage:
    """A message of the retry queue, or of the queue of shadows.

    `first` is when it was first received, in milliseconds since 1970, `received` a receive count.
    """

    body: str
    queue: Queue
    receipt: str
    first: int
    received: int


@dataclass(kw_only=True)
class ApplyConsumer:
    """Applies entities that records and messages name, and dead-letters those that keep failing.

    Permanent errors are dead-lettered at once, others after MAX_RETRY_AGE, each with one message
    for a reason. The limit is an age, not a number of attempts: while AWS throttles or is down,
    attempts fail within seconds. An excluded entity is dead-lettered too, and an excluded reported
    half is ignored: the access reads both as missing, and capture would record them as deleted.
    """

    apply: Apply
    region: str
    excluded: Container[Entity]
    retry: Queue
    shadows: Queue
    dead_letters: Queue
    metrics: Metrics
    time_is_up: Callable[[], bool]
    _delay: int = field(default=0, init=False)

    def record(self, record: Mapping[str, Any]) -> None:
        """Apply the entity that a stream record names.

        A failure is sent to the retry queue, so that the record does not block its shard:
        docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html. Raises if
        the record has to be delivered again.
        """
        self._raise_if_late()
        entity = self._entity_of(record)
        if entity is None:
            return
        run_id = _new_run_id()
        try:
            self._apply(entity, run_id)
        except PermanentError as error:
            self._retry_or_dead_letter(entity, error, run_id)
        except Exception as error:  # noqa: BLE001 - a failed record must not block its shard
            self._retry(entity, error)

    def forward(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Send the shadows that stream records name to their own queue, so that no other waits.

        Raises if SQS does not take all of them.
        """
        entities = dict.fromkeys(map(self._entity_of, records))
        self.shadows.enqueue_all([each for each in entities if each and each not in self.excluded])

    def message(self, message: RetryMessage) -> None:
        """Apply the entity that a retry message names; raises if it has to be delivered again."""
        self._raise_if_late()
        try:
            entity = entity_in(json_object(message.body))
        except EntityError as error:
            reject(error, self.dead_letters, self.metrics, message=message.body)
            return
        run_id = _new_run_id()
        try:
            self._apply(entity, run_id)
        except PermanentError as error:
            self._dead_letter(entity, error, message.received, run_id)
        except (ChangePendingError, RevisionConflictError):
            message.queue.back_off(message.receipt, message.received)
            raise
        except Exception as error:
            if self.apply.clock.now() - message.first >= MAX_RETRY_AGE:
                self._dead_letter(entity, error, message.received, run_id)
                return
            message.queue.back_off(message.receipt, message.received)
            raise

    def _entity_of(self, record: Mapping[str, Any]) -> Entity | None:
        try:
            return changed_elsewhere(record, self.region)
        except (EntityError, KeyError, TypeError, AttributeError) as error:
            reject(error, self.dead_letters, self.metrics, record=str(record.get("eventID")))
            return None

    def _apply(self, entity: Entity, run_id: str) -> None:
        if entity in self.excluded:
            if entity.is_reported:
                # Regions are deployed one by one: until all have the setting, some still replicate
                # reported halves.
                return
            raise PermanentError(f"{entity.key}: excluded: each region's stack owns its own")
        row = self.apply(entity, run_id)
        if row is not None:
            self.metrics.put({"Applied": 1})
            lag = max(0, row.held_at - row.stamp.milliseconds)
            self.metrics.put({"Lag": lag}, unit="Milliseconds")

    def _retry(self, entity: Entity, error: Exception) -> None:
        # Each retry is delayed 5 s more than the last: they may all have failed by throttling.
        self._delay += _DELAY_STEP
        self.retry.enqueue(entity, self._delay)
        self.metrics.put({"Retried": 1}, cause=reason_of(error))

    def _retry_or_dead_letter(self, entity: Entity, error: PermanentError, run_id: str) -> None:
        try:
            self._dead_letter(entity, error, 1, run_id)
        except Exception as reason:  # noqa: BLE001 - as above
            self._retry(entity, reason)

    def _dead_letter(self, entity: Entity, error: Exception, attempts: int, run_id: str) -> None:
        reason = reason_of(error)

        def report() -> None:
            if isinstance(error, HeldBackError):
                # A message for each thing of a fleet would hide everything else in the queue.
                return
            self.dead_letters.send({"entity": entity.key, "reason": reason, "attempts": attempts})
            self.metrics.put({"Parked": 1}, cause=reason)

        try:
            self.apply.dead_letter(entity, reason, attempts, run_id, report)
        except RowError:
            # A malformed row cannot be updated; the queue alone has the reason.
            report()
        if isinstance(error, HeldBackError):
            self.metrics.put({HELD_BACK: 1})

    def _raise_if_late(self) -> None:
        if self.time_is_up():
            raise TimeUpError


def _new_run_id() -> str:
    """Return an id that is unique even among runs of the same message.

    Standard queues deliver at least once:
    docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
    """
    return uuid.uuid4().hex
