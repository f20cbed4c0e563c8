"""What is done with a record or a message that says what may have changed elsewhere."""

import uuid
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.probe.metrics import Metrics
from functions.registry.access.errors import Never
from functions.registry.apply import Apply
from functions.registry.batches import TimeUpError, refuse
from functions.registry.entity import Entity, EntityError
from functions.registry.item import RowError
from functions.registry.log import Overtaken
from functions.registry.pending import Busy
from functions.registry.queue import Queue, entity_of, object_of
from functions.registry.reason import reason_of
from functions.registry_apply.record import changed_elsewhere

LONGEST = 24 * 3_600_000
"""The milliseconds after which a change that still cannot be applied is given up."""

_FIRST_DELAY = 5
_FIRST_PAUSE = 15
# Beyond it a power of two is longer than SQS holds a message back.
_LONGEST_POWER = 6


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message of the retry queue, when it was sent (milliseconds), and how often received."""

    body: str
    receipt: str
    sent: int
    received: int


@dataclass(kw_only=True)
class Applying:
    """Applies what records and messages name; parks what fails for ever or for a day.

    A day, and not so many times: while AWS throttles or is down, each try fails within seconds.
    What is excluded here apply would read as not there, and capture as deleted.
    """

    apply: Apply
    region: str
    excluded: Container[Entity]
    retry: Queue
    parked: Queue
    metrics: Metrics
    time_is_up: Callable[[], bool]
    _delay: int = field(default=0, init=False)

    def record(self, record: Mapping[str, Any]) -> None:
        """Apply what a record of the stream tells of.

        What fails goes to the retry queue, so that no shard waits for it. Raises when the record
        has to come again.
        """
        self._refuse_when_late()
        try:
            entity = changed_elsewhere(record, self.region)
        except (EntityError, KeyError, TypeError, AttributeError) as error:
            refuse(error, self.parked, self.metrics, record=str(record.get("eventID")))
            return
        if entity is None:
            return
        by = _run()
        try:
            self._apply(entity, by)
        except Never as error:
            self._park_or_retry(entity, error, by)
        except Exception as error:  # noqa: BLE001 - whatever it is, no other record waits for it
            self._retry(entity, error)

    def message(self, message: Message) -> None:
        """Apply what a message of the retry queue names; raises when it has to come again."""
        self._refuse_when_late()
        try:
            entity = entity_of(object_of(message.body))
        except EntityError as error:
            refuse(error, self.parked, self.metrics)
            return
        by = _run()
        try:
            self._apply(entity, by)
        except Never as error:
            self._park(entity, error, message.received, by)
        except (Busy, Overtaken):
            self._hide(message)
            raise
        except Exception as error:
            if self.apply.clock.now() - message.sent >= LONGEST:
                self._park(entity, error, message.received, by)
                return
            self._hide(message)
            raise

    def _hide(self, message: Message) -> None:
        # Without it the message comes again as well, when the queue's own time is over.
        with suppress(BotoCoreError, ClientError):
            self.retry.hide(message.receipt, _pause(message.received))

    def _apply(self, entity: Entity, by: str) -> None:
        if entity in self.excluded:
            if entity.is_reported:
                # Regions get the setting one by one; those without it still send reported halves.
                return
            raise Never(f"{entity.key}: excluded: each region's stack owns its own")
        row = self.apply(entity, by)
        if row is not None:
            self.metrics.put({"Applied": 1})
            lag = max(0, row.held_at - row.stamp.milliseconds)
            self.metrics.put({"Lag": lag}, unit="Milliseconds")

    def _retry(self, entity: Entity, error: Exception) -> None:
        # One later than the other: they may all have failed because AWS throttles.
        self._delay += _FIRST_DELAY
        self.retry.ask_for(entity, self._delay)
        self.metrics.put({"Retried": 1}, cause=reason_of(error))

    def _park_or_retry(self, entity: Entity, error: Never, by: str) -> None:
        try:
            self._park(entity, error, 1, by)
        except Exception as reason:  # noqa: BLE001 - as above
            self._retry(entity, reason)

    def _park(self, entity: Entity, error: Exception, attempts: int, by: str) -> None:
        reason = reason_of(error)
        # A row that cannot be read cannot be written: the message says it alone.
        with suppress(RowError):
            self.apply.park(entity, reason, attempts, by)
        self.parked.send({"entity": entity.key, "reason": reason, "attempts": attempts})
        self.metrics.put({"Parked": 1}, cause=reason)

    def _refuse_when_late(self) -> None:
        if self.time_is_up():
            raise TimeUpError


def _run() -> str:
    """Give what no other run is called, be it of the same message: SQS may deliver one twice."""
    return uuid.uuid4().hex


def _pause(received: int) -> int:
    return _FIRST_PAUSE * 2 ** min(received - 1, _LONGEST_POWER)
