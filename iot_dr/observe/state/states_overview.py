"""The current states of an environment and their copies."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from environments.settings import Settings
from iot_dr.observe.state.fence import Fence, fence_location
from iot_dr.observe.state.snapshot import Snapshot
from iot_dr.observe.state.store import Store, UnreachableError
from iot_dr.terraform.lock_holder import LockHolder, holder_in, lock_location
from stacks.platform_graph import platform_graph
from stacks.state_location import (
    StateLocation,
    copied_stacks,
    copy_location,
    copy_regions,
    state_location,
)


@dataclass(frozen=True, kw_only=True)
class StateView:
    """A location and what is stored there; `problem` says why it could not be read.

    `is_locked` without `holder`: the lock file does not name its holder.
    """

    stack: str
    location: StateLocation
    is_copy: bool
    snapshot: Snapshot | None = None
    is_locked: bool = False
    holder: LockHolder | None = None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class CopyLag:
    """How far a copy is behind its original: in serials, and in seconds between their writing.

    Both are None if the two cannot be compared: their lineages differ, or a state is corrupt.
    """

    serials: int | None
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class StatesOverview:
    """All locations, each original followed by its copies, and the existing fences."""

    states: tuple[StateView, ...]
    fences: tuple[Fence, ...]

    def lag(self, copy: StateView) -> CopyLag | None:
        """Return the lag of a copy; None for an original, and if one of the two was not read."""
        original = next(each for each in self.states if each.stack == copy.stack)
        newer, older = original.snapshot, copy.snapshot
        if not copy.is_copy or newer is None or older is None:
            return None
        if newer.serial is None or older.serial is None or newer.lineage != older.lineage:
            return CopyLag(serials=None, seconds=None)
        seconds = (newer.written - older.written).total_seconds()
        behind = newer.serial - older.serial
        return CopyLag(serials=behind, seconds=max(seconds, 0.0) if behind else 0.0)


def read_states(settings: Settings, store: Store) -> StatesOverview:
    """Read every location, all regions in parallel; a region that does not answer only once.

    Raises StoreError if S3 refuses, and FenceError if a fence is damaged.
    """
    places = list(_places(settings))
    by_region = [
        [place for place in places if place.location.region == region]
        for region in settings.state_buckets
    ]
    with ThreadPoolExecutor(len(by_region)) as threads:
        looked = list(threads.map(partial(_look, store), by_region))
    seen = {(each.stack, each.location.region): each for region in looked for each in region[0]}
    return StatesOverview(
        states=tuple(seen[place.stack, place.location.region] for place in places),
        fences=tuple(fence for _, fence in looked if fence),
    )


def _places(settings: Settings) -> Iterator[StateView]:
    copied = copied_stacks(settings)
    for node in platform_graph(settings).nodes:
        yield StateView(stack=node.name, location=state_location(settings, node), is_copy=False)
        if node in copied:
            for region in copy_regions(settings):
                location = copy_location(settings, node, region)
                yield StateView(stack=node.name, location=location, is_copy=True)


def _look(store: Store, places: Sequence[StateView]) -> tuple[list[StateView], Fence | None]:
    try:
        place = fence_location(places[0].location)
        stored = store.read(place)
        fence = Fence.read(stored.content, place) if stored else None
        return [_seen(store, each) for each in places], fence
    except UnreachableError as error:
        return [replace(each, problem=str(error)) for each in places], None


def _seen(store: Store, place: StateView) -> StateView:
    lock = store.read(lock_location(place.location))
    return replace(
        place,
        snapshot=Snapshot.of(store.read(place.location)),
        is_locked=lock is not None,
        holder=holder_in(lock.content) if lock else None,
    )
