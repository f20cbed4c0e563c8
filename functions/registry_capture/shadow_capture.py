"""Capture of both halves of a shadow by one GetThingShadow."""

from collections.abc import Sequence
from contextlib import suppress

from functions.registry.access.errors import PermanentError
from functions.registry.capture import Capture
from functions.registry.entity import Entity
from functions.registry.item import RowError
from functions.registry.observation import Observation
from functions.registry.pending import refuse_pending
from functions.registry.resolution import own_row
from functions.registry.row import Row
from functions.registry.table import RevisionConflictError


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
