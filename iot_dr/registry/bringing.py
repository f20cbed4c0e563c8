"""Brings one entity of a region to what another region holds, with the rows that tell of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from functions.registry.apply import ReadsAndWrites
from functions.registry.capture import ATTEMPTS, Capture, Rows
from functions.registry.entity import Entity
from functions.registry.log import Overtaken
from functions.registry.pending import refuse_others_pending
from functions.registry.row import Pending, Row
from functions.registry.settled import own_row, settled
from functions.registry.stamp import Clock, wall_clock
from functions.registry.state import State, hash_of
from functions.registry.winner import merged_seen, restriction
from iot_dr.registry.explained import refused

_YOUNG: Final = 86_400_000


class Outcome(StrEnum):
    """What became of an entity in the target.

    NOTED: it was there, and its row says so now. KEPT: a certificate that is shut out here alone.
    LEFT: what the rows say is left to the functions.
    """

    SAME = "same"
    NOTED = "noted"
    WRITTEN = "written"
    KEPT = "kept"
    LEFT = "left"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class End:
    """A region with its IoT Core and its replica of the table."""

    region: str
    access: ReadsAndWrites
    log: Rows


@dataclass(frozen=True, kw_only=True)
class Bringing:
    """Does for one entity what apply does, but what the target holds is no change of anybody's.

    A region that is new, or was away for so long that rows are gone, holds what is out of date.
    Captured as apply captures it, it would win over what the others have. Only a certificate that
    is shut out in the target alone is captured: nothing here lets a device in again. `by` is the
    run, which may be interrupted and go on.

    Both ways raise Busy while a function applies a change, Overtaken when functions are faster each
    time, NotYet and Never as the access does, StateError and RowError for what no row can hold, and
    AwsError.
    """

    source: End
    target: End
    by: str
    now: Callable[[], int] = field(default=wall_clock)

    def bring(self, entity: Entity, state: State) -> Outcome:
        """Bring the target to what the rows say once the source's has `state`, its own."""
        return _again(entity, lambda: self._bring(entity, state))

    def remove(self, entity: Entity) -> Outcome:
        """Delete what the source has not got; it is left where a row says that another one has it.

        So is what was changed in the target within a day, as it may be on its way to the source.
        """
        return _again(entity, lambda: self._remove(entity))

    def _bring(self, entity: Entity, state: State) -> Outcome:
        rows = self._rows(entity, state)
        own = self._own(entity, rows)
        wanted = settled(own, rows, self.now())
        held = self._held(entity)
        shut_out = restriction(entity.kind, held) > restriction(entity.kind, wanted.state)
        if held is not None and shut_out:
            with refused(self.target.region):
                self._capture(self.target).note(replace(own, left=None), rows)
            return Outcome.KEPT
        if hash_of(held) != wanted.hash:
            if wanted.state is None:
                return Outcome.LEFT
            self._write(own, wanted)
            return Outcome.WRITTEN
        if wanted == own:
            return Outcome.SAME
        self._put(wanted, own)
        return Outcome.NOTED

    def _remove(self, entity: Entity) -> Outcome:
        self._rows(entity, None)
        # A third region's row that only the source's replica has yet would keep it from going.
        rows = self._replicas(entity, self.target, self.source)
        own = self._own(entity, rows)
        elsewhere = any(row.state is not None for row in rows if row.region != own.region)
        if elsewhere or self.now() - own.stamp.milliseconds < _YOUNG:
            return Outcome.LEFT
        if self._held(entity) is None:
            return Outcome.SAME
        clock = Clock(own.region, self.now)
        stamp = clock.next(None, [own.stamp, *own.seen.values()])
        gone = replace(
            Row.blank(entity, own.region),
            stamp=stamp,
            seen={**merged_seen([own, *rows]), stamp.region: stamp},
            basis=own.seen,
            held_at=self.now(),
        )
        self._write(own, gone)
        return Outcome.DELETED

    def _own(self, entity: Entity, rows: Sequence[Row]) -> Row:
        own = own_row(rows, entity, self.target.region)
        refuse_others_pending(own, self.now(), self.by)
        return own

    def _rows(self, entity: Entity, state: State | None) -> Sequence[Row]:
        """Give the target's rows, of which the source's tells what that holds now.

        What has not been replicated yet is taken from the source's replica, or captured there.
        """
        rows = self._replicas(entity, self.target)
        if own_row(rows, entity, self.source.region).hash == hash_of(state):
            return rows
        rows = self._replicas(entity, self.target, self.source)
        if own_row(rows, entity, self.source.region).hash != hash_of(state):
            with refused(self.source.region):
                self._capture(self.source)(entity)
            rows = self._replicas(entity, self.target, self.source)
        return rows

    def _replicas(self, entity: Entity, *ends: End) -> Sequence[Row]:
        """Give the newest rows of some replicas."""
        newest: dict[str, Row] = {}
        for end in ends:
            with refused(end.region):
                rows = end.log.rows(entity)
            for row in rows:
                if row.revision >= newest.get(row.region, row).revision:
                    newest[row.region] = row
        return list(newest.values())

    def _held(self, entity: Entity) -> State | None:
        with refused(self.target.region):
            return self.target.access.read(entity)

    def _put(self, row: Row, over: Row) -> Row:
        with refused(self.target.region):
            return self.target.log.put(row, over.revision)

    def _write(self, own: Row, wanted: Row) -> None:
        pending = Pending(hash=wanted.hash, at=self.now(), by=self.by)
        own = self._put(replace(own, pending=pending), own)
        try:
            with refused(self.target.region):
                self.target.access.write(own.entity, wanted.state)
        except Exception:
            # Where this fails as well, `pending` stays, and says the same for a while.
            with suppress(Exception):
                left = hash_of(self._held(own.entity))
                left_over = None if left == own.hash else left
                self._put(replace(own, pending=None, left=left_over), own)
            raise
        self._put(wanted, own)

    def _capture(self, end: End) -> Capture:
        return Capture(access=end.access, log=end.log, clock=Clock(end.region, self.now))


def _again(entity: Entity, once: Callable[[], Outcome]) -> Outcome:
    for _ in range(ATTEMPTS):
        with suppress(Overtaken):
            return once()
    raise Overtaken(f"the row of {entity.key} is written too often")
