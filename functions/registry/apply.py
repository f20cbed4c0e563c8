"""Brings a region's IoT Core to what the winner among the regions' rows says."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from functions.registry.access.errors import Never, NotYet
from functions.registry.capture import ATTEMPTS, Capture, Reads, Rows
from functions.registry.entity import Entity
from functions.registry.log import Overtaken
from functions.registry.meddled import is_meddled
from functions.registry.pending import refuse_others_pending
from functions.registry.row import Parked, Pending, Row
from functions.registry.settled import changed_here, own_row, settled
from functions.registry.stamp import Clock
from functions.registry.state import State, hash_of


class ReadsAndWrites(Reads, Protocol):
    """A region's IoT Core, as far as apply needs it."""

    def read(self, entity: Entity) -> State | None:
        """Give the state of an entity as it is now."""
        ...

    def write(self, entity: Entity, wanted: State | None) -> None:
        """Bring an entity to a state, or delete it; raises NotYet or Never."""
        ...


@dataclass(frozen=True, kw_only=True)
class Apply:
    """Takes over what another region has changed.

    What somebody has changed here and capture has not seen yet is captured first: it may win.
    """

    access: ReadsAndWrites
    log: Rows
    clock: Clock

    def __call__(self, entity: Entity, by: str) -> Row | None:
        """Give the own row when it took over another stamp; `by` is the id of the run.

        Raises Busy while another run does the same, Overtaken when other runs are faster
        each time, NotYet or Never as the access does, and what else the access and the log raise.
        """
        for _ in range(ATTEMPTS):
            with suppress(Overtaken):
                return self._once(entity, by)
        raise Overtaken(f"the row of {entity.key} is written too often")

    def park(self, entity: Entity, reason: str, attempts: int, by: str) -> None:
        """Write into the row that the entity is given up, and why; raises as a call does."""
        now = self.clock.now()
        own = own_row(self.log.rows(entity), entity, self.clock.region)
        refuse_others_pending(own, now, by)
        own = own if own.pending is None else _left(own, self.access.read(entity))
        parked = Parked(reason=reason, at=now, attempts=attempts)
        self.log.put(replace(own, parked=parked), own.revision)

    def _once(self, entity: Entity, by: str) -> Row | None:
        rows = self.log.rows(entity)
        own = own_row(rows, entity, self.clock.region)
        refuse_others_pending(own, self.clock.now(), by)
        wanted = settled(own, rows, self.clock.now())
        if wanted == own:
            return None
        # Of a blank row nobody has looked yet whether the region has what was deleted elsewhere.
        half_done = own.pending is not None or own.left is not None
        if wanted.hash != own.hash or half_done or own.is_blank:
            if self._capture().note(own, rows) is not None:
                raise Overtaken(entity.key)
            own = self._written(own, rows, wanted, by)
        held_at = wanted.held_at if wanted.stamp == own.stamp else self.clock.now()
        row = self.log.put(replace(wanted, held_at=held_at), own.revision)
        return None if row.stamp == own.stamp else row

    def _written(self, own: Row, rows: Sequence[Row], wanted: Row, by: str) -> Row:
        before = own
        pending = Pending(hash=wanted.hash, at=self.clock.now(), by=by)
        own = self.log.put(replace(own, pending=pending), own.revision)
        try:
            # From now on capture waits: what was changed since it was noted would be undone.
            looked = self.access.read(own.entity)
            if changed_here(before, rows, looked):
                raise Overtaken(own.entity.key)
        except Exception:
            self.log.put(replace(before, revision=own.revision), own.revision)
            raise
        try:
            self.access.write(own.entity, wanted.state)
        except Exception:
            # Where this fails as well, `pending` stays, and says the same for a while.
            with suppress(Exception):
                self._release(before, own, looked, wanted)
            raise
        self._refuse_other(before, own, looked, wanted)
        return own

    def _release(self, before: Row, own: Row, looked: State | None, wanted: Row) -> None:
        """Write down what a write that failed has left, but for what somebody else has made."""
        found = self.access.read(own.entity)
        meddled = is_meddled(own.entity, found, looked, wanted.state)
        row = replace(own, pending=None, left=before.left) if meddled else _left(own, found)
        self.log.put(row, own.revision)

    def _refuse_other(self, before: Row, own: Row, looked: State | None, wanted: Row) -> None:
        """Raise NotYet unless IoT Core has what was written, Never when that stays so.

        AWS detaches after it has answered. Until then `pending` stays: capture would take what is
        left for somebody's change. What can only be such comes after what was written.
        """
        state = self.access.read(own.entity)
        found = hash_of(state)
        if found == wanted.hash or is_meddled(own.entity, state, looked, wanted.state):
            return
        tried = before.pending is not None and before.pending.hash == wanted.hash
        if tried and found == before.left:
            self.log.put(replace(own, pending=None), own.revision)
            raise Never(f"{own.entity.key}: AWS keeps another state than it was given")
        self.log.put(replace(own, left=found), own.revision)
        raise NotYet(f"{own.entity.key}: AWS does not show yet what it was given")

    def _capture(self) -> Capture:
        return Capture(access=self.access, log=self.log, clock=self.clock)


def _left(own: Row, found: State | None) -> Row:
    left = hash_of(found)
    return replace(own, pending=None, left=None if left == own.hash else left)
