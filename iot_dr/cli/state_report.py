"""The report of `iot-dr state status`, as text and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Any, Final

from iot_dr.cli.outcomes import Unlock
from iot_dr.cli.text import columns, counted
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.state.abandoned import AbandonedRegion
from iot_dr.observe.state.states_overview import StatesOverview, StateView
from iot_dr.terraform.lock_holder import StateLockInfo

_LINEAGE: Final = 8
"""Characters of a lineage that a table shows."""


@dataclass(frozen=True)
class StateReport:
    """States and copies at the time `now`; `unlock` returns the command that releases a lock.

    `abandoned` are the abandoned regions, or why they are not known; None if they were not read.
    """

    status: StatesOverview
    now: datetime
    unlock: Unlock | None = None
    abandoned: Sequence[AbandonedRegion] | UserError | None = None

    def text(self) -> str:
        """Return the table, and below it locks, problems and promotions."""
        rows = [("  REGION", "KIND", "SERIAL", "LINEAGE", "AGE", "COPY")]
        rows += [self._row(seen) for seen in self.status.states]
        head, *lines = columns(rows).split("\n")
        stacks = groupby(zip(self.status.states, lines, strict=True), lambda each: each[0].stack)
        table = [(stack, *(line for _, line in group)) for stack, group in stacks]
        return "\n".join(["STACK", head, *chain.from_iterable(table), *self._notes()])

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON values; ages and lags are in seconds."""
        return {
            "states": [self._object(seen) for seen in self.status.states],
            "fences": [asdict(fence) for fence in self.status.fences],
            **self._abandoned(),
        }

    def _abandoned(self) -> dict[str, Any]:
        if self.abandoned is None:
            return {}
        if isinstance(self.abandoned, UserError):
            return {"abandoned": None}
        return {"abandoned": [asdict(region) for region in self.abandoned]}

    def _row(self, seen: StateView) -> tuple[str, ...]:
        kind, snapshot = "copy" if seen.is_copy else "state", seen.snapshot
        start = (f"  {seen.location.region}", kind)
        if seen.problem:
            return (*start, "?", "?", "?", "does not answer")
        if snapshot is None:
            return (*start, "-", "-", "-", "")
        age = str(timedelta(seconds=round((self.now - snapshot.written).total_seconds())))
        serial = "corrupt" if snapshot.is_corrupt else str(snapshot.serial)
        lineage = plain((snapshot.lineage or "?")[:_LINEAGE])
        return (*start, serial, lineage, age, self._lag(seen))

    def _lag(self, seen: StateView) -> str:
        lag = self.status.lag(seen)
        if lag is None:
            return ""
        if lag.serials is None or lag.seconds is None:
            return "of another lineage"
        if lag.serials == 0:
            return "up to date"
        which = "ahead" if lag.serials < 0 else "behind"
        return f"{abs(lag.serials)} {which}, {timedelta(seconds=round(lag.seconds))}"

    def _notes(self) -> Iterator[str]:
        for seen in self.status.states:
            if seen.is_locked:
                lock = StateLockInfo(seen.holder)
                yield f"locked: {seen.location.bucket}/{seen.location.key} by {lock}"
                # A lock next to a copy was copied with it: it blocks nobody.
                if self.unlock and not seen.is_copy:
                    yield f"  if no run is active: {self.unlock(seen.stack, lock.lock_id)}"
        yield from dict.fromkeys(plain(seen.problem) for seen in self.status.states if seen.problem)
        for fence in dict.fromkeys(self.status.fences):
            owner, since = plain(fence.owner_region), plain(fence.since)
            yield f"promoted: {owner} owns the global states since {since}"
        if isinstance(self.abandoned, UserError):
            yield f"abandoned regions: not known: {plain(str(self.abandoned))}"
            return
        for region in self.abandoned or ():
            count = counted(sum(map(len, region.resources.values())), "resource")
            lead = f"abandoned: {region.region} at {region.since} by {region.who}"
            yield f"{plain(lead)}: {count} removed from states"

    def _object(self, seen: StateView) -> dict[str, Any]:
        snapshot, lag = seen.snapshot, self.status.lag(seen)
        holder = seen.holder
        return {
            "stack": seen.stack,
            **asdict(seen.location),
            "is_copy": seen.is_copy,
            "lineage": snapshot.lineage if snapshot else None,
            "serial": snapshot.serial if snapshot else None,
            "written": snapshot.written.isoformat() if snapshot else None,
            "age": round((self.now - snapshot.written).total_seconds()) if snapshot else None,
            "lag": asdict(lag) if lag else None,
            "is_locked": seen.is_locked,
            "lock": {"id": holder.lock_id, "who": holder.who, "since": holder.since.isoformat()}
            if holder
            else None,
            "problem": seen.problem,
        }
