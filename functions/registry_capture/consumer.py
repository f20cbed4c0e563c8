"""Handling of one message that names changed entities."""

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from functions.probe.metrics import Metrics
from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.capture import Capture
from functions.registry.entity import Entity, EntityError
from functions.registry.failures import TimeUpError, counting_retries, reject
from functions.registry.item import RowError
from functions.registry.observation import Observation
from functions.registry.pending import ChangeAbandonedError, refuse_pending
from functions.registry.pulse import Pulses
from functions.registry.queue import Queue
from functions.registry.resolution import own_row
from functions.registry.row import Row
from functions.registry.state import State, StateError
from functions.registry.table import RevisionConflictError
from functions.registry_capture.account_region import AccountRegion
from functions.registry_capture.events import EntityChange, change_of


class ShadowCapture:
    """Captures the entities of a message one by one.

    The constructor reads all of them if there are several, and raises as the table and
    Reader.observe do. The rows are read before the shadow, so that a change that is applied in
    between does not look local. If the shadow or a row is malformed, or a row is written by another
    run, each half is captured by itself.
    """

    def __init__(self, capture: Capture, entities: Sequence[Entity]) -> None:
        self._capture = capture
        self._read: dict[Entity, tuple[Sequence[Row], Observation]] = {}
        if len(entities) > 1:
            with suppress(PermanentError, RowError):
                rows = [capture.table.rows(entity) for entity in entities]
                observed = capture.access.observe(*entities)
                self._read = dict(zip(entities, zip(rows, observed, strict=True), strict=True))

    def __call__(self, entity: Entity, event: int | None) -> Row | None:
        """Capture one of the entities; returns and raises as Capture does."""
        if entity not in self._read:
            return self._capture(entity, event)
        clock = self._capture.clock
        rows, observation = self._read[entity]
        own = own_row(rows, entity, clock.region)
        refuse_pending(own, clock.now())
        try:
            return self._capture.record(observation, own, rows, event)
        except RevisionConflictError:
            return self._capture(entity, event)


_UNFINISHED = 5 * 60_000
"""Milliseconds after an event for which AWS may still be detaching or activating a certificate."""


@dataclass(frozen=True, kw_only=True)
class CaptureConsumer:
    """Captures the entities that a message names, and dead-letters permanent failures at once.

    Excluded entities are skipped: they read as missing, and their capture would delete them in the
    other regions. With each pulse of the queue of changes all recovery points are published.
    """

    capture: Capture
    account_region: AccountRegion
    excluded: Container[Entity]
    retry: Queue
    dead_letters: Queue
    pulses: Pulses
    metrics: Metrics
    time_is_up: Callable[[], bool]

    def __call__(self, body: str, *, is_of_shadows: bool = False) -> None:
        """Capture every entity of a message body; raises if the message has to be delivered again.

        `is_of_shadows` says that it came through the queue of shadows. Raises TimeUpError if too
        little of the function's timeout is left.
        """
        if self.time_is_up():
            raise TimeUpError
        try:
            change = change_of(body, self.account_region)
        except EntityError as error:
            reject(error, self.dead_letters, self.metrics, message=body)
            return
        if change.is_pulse:
            # The next one is a minute later: old ones must not fill the dead-letter queue.
            with suppress(BotoCoreError, ClientError), counting_retries(self.metrics):
                self._record_pulse(change.at or 0, is_of_shadows=is_of_shadows)
            return
        if self._is_activating(change):
            raise RetryableError("AWS may still activate a certificate that has registered itself")
        entities = [each for each in change.entities if each not in self.excluded]
        # Read before the capture: the detachment may end between the two.
        detaching = self._is_attached(change)
        capture = ShadowCapture(self.capture, entities)
        failures: list[Exception] = []
        for entity in entities:
            try:
                self._capture_entity(capture, entity, change.at)
            except Exception as error:  # noqa: BLE001 - raised below, after the other half of the shadow
                failures.append(error)
        if failures:
            raise failures[0]
        if detaching:
            raise RetryableError(f"AWS is still detaching {change.detached}")

    def _record_pulse(self, at: int, *, is_of_shadows: bool) -> None:
        self.pulses.record("shadows" if is_of_shadows else "changes", at)
        if not is_of_shadows:
            self.pulses.publish(self.capture.clock.now())

    def _is_attached(self, change: EntityChange) -> bool:
        """Whether AWS may still detach the certificate whose detachment is reported.

        The call is asynchronous, and no event reports its end:
        docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html. A certificate
        that is listed for longer has been attached again.
        """
        if change.detached is None or not self._is_recent(change.at or 0):
            return False
        states = self._states(change)
        return any(change.detached in state.get("principals", ()) for state in states)

    def _is_activating(self, change: EntityChange) -> bool:
        """Whether a certificate that has registered itself is not active yet.

        No event reports that a provisioning template has activated it. Other regions cannot take
        it over before.
        """
        if change.registered is None or not self._is_recent(change.registered):
            return False
        return any(state.get("status") == "PENDING_ACTIVATION" for state in self._states(change))

    def _is_recent(self, at: int) -> bool:
        return self.capture.clock.now() - at < _UNFINISHED

    def _states(self, change: EntityChange) -> list[State]:
        observed = (self.capture.access.observe(each)[0].state for each in change.entities)
        return [state for state in observed if state is not None]

    def _capture_entity(self, capture: ShadowCapture, entity: Entity, at: int | None) -> None:
        try:
            row = capture(entity, at)
        except ChangeAbandonedError:
            # Only apply can distinguish the remainder of the crashed run from a local change.
            self.retry.enqueue(entity)
            raise
        except (PermanentError, StateError) as error:
            reject(error, self.dead_letters, self.metrics, entity=entity.key)
            return
        if row is not None:
            self.metrics.put({"Captured": 1})
