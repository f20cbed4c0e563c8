"""Captures both halves of a shadow by one call of IoT Core."""

from collections.abc import Sequence
from contextlib import suppress

from functions.registry.access.errors import Never
from functions.registry.capture import Capture
from functions.registry.entity import Entity
from functions.registry.found import Found
from functions.registry.item import RowError
from functions.registry.log import Overtaken
from functions.registry.pending import refuse_pending
from functions.registry.row import Row
from functions.registry.settled import own_row


class Halves:
    """Captures the entities of a message one by one; raises as capture's look does.

    Rows are read before the shadow: else a change that is applied in between would be taken for one
    of this region's. What stands in the way of one half, and a row that is overtaken, is left to
    capture of each alone.
    """

    def __init__(self, capture: Capture, entities: Sequence[Entity]) -> None:
        self._capture = capture
        self._read: dict[Entity, tuple[Sequence[Row], Found]] = {}
        if len(entities) > 1:
            with suppress(Never, RowError):
                rows = [capture.log.rows(entity) for entity in entities]
                found = capture.access.look(*entities)
                self._read = dict(zip(entities, zip(rows, found, strict=True), strict=True))

    def __call__(self, entity: Entity, event: int | None) -> Row | None:
        """Capture one of the entities; raises as Capture does."""
        if entity not in self._read:
            return self._capture(entity, event)
        clock = self._capture.clock
        rows, found = self._read[entity]
        own = own_row(rows, entity, clock.region)
        refuse_pending(own, clock.now())
        try:
            return self._capture.write_down(found, own, rows, event)
        except Overtaken:
            return self._capture(entity, event)
