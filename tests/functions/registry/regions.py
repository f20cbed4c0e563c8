"""Regions whose messages a test delivers as it likes, in memory.

Stand-ins for IoT Core and for the replicas of the table, for histories of many changes; both are
tried for real in test_log.py, access/ and test_two_regions.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

from functions.probe.metrics import Metrics
from functions.registry.access.errors import RetryableError
from functions.registry.apply import Apply
from functions.registry.capture import Capture
from functions.registry.entity import Entity, Half, Kind
from functions.registry.item import RowError, from_item, to_item
from functions.registry.observation import Observation, TimeRange
from functions.registry.pending import ChangePendingError
from functions.registry.row import Row
from functions.registry.stamp import HybridClock
from functions.registry.state import State
from functions.registry.table import RevisionConflictError
from functions.registry_capture.reference_requests import ReferenceRequests
from functions.registry_reconcile.checkpoint import Checkpoint
from functions.registry_reconcile.reconciler import Reconciler

NAMES = ("eu-west-1", "eu-central-1", "us-east-1")
THING = Entity(Kind.THING, "sensor-1")
CERTIFICATE = Entity(Kind.CERTIFICATE, "0" * 64)
SHADOW = Entity.shadow("sensor-1", "", Half.REPORTED)
HALF = {"policies": ["half"]}
"""What a write leaves that breaks off in the middle."""


class Crash(BaseException):
    """Lambda ends the process: nothing in it runs any more."""


@dataclass
class Core:
    """A region's IoT Core, which reports the second of each shadow's last change.

    `half` and `after` happen once, in the middle and at the end of a write.
    """

    now: Callable[[], int] = lambda: 0
    states: dict[Entity, State] = field(default_factory=dict[Entity, State])
    seconds: dict[Entity, int] = field(default_factory=dict[Entity, int])
    calls: list[str] = field(default_factory=list[str])
    half: BaseException | None = None
    after: Callable[[], None] | None = None

    def read(self, entity: Entity) -> State | None:
        self.calls.append("read")
        return self.states.get(entity)

    def observe(self, *entities: Entity) -> list[Observation]:
        return [self._found(entity) for entity in entities]

    def _found(self, entity: Entity) -> Observation:
        state, at = self.read(entity), self.seconds.get(entity, 0) * 1000
        result = (
            TimeRange(at, at + 999) if entity.kind is Kind.SHADOW and state is not None else None
        )
        return Observation(state, lambda _before: result)

    def write(self, entity: Entity, wanted: State | None) -> None:
        self.calls.append("write")
        half, self.half = self.half, None
        # Of a shadow one call writes all that there is.
        if half is not None and wanted is not None and entity.kind is not Kind.SHADOW:
            self.set(entity, {**wanted, **HALF})
        if half is not None:
            raise half
        self.set(entity, wanted)
        after, self.after = self.after, None
        if after is not None:
            after()

    def set(self, entity: Entity, state: State | None) -> None:
        self.states.pop(entity, None)
        self.seconds[entity] = self.now() // 1000
        if state is not None:
            self.states[entity] = state

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator["OnePage"]:
        assert cursor is None
        yield OnePage(tuple(entity for entity in self.states if entity.kind is kind), None)


@dataclass(frozen=True)
class OnePage:
    entities: tuple[Entity, ...]
    cursor: str | None


@dataclass
class Replica:
    """A region's copy of the table; rows go through the form that DynamoDB keeps."""

    region: str
    items: dict[tuple[str, str], Row] = field(default_factory=dict[tuple[str, str], Row])
    regions: tuple[str, ...] = NAMES
    """The environment's: rows of others are away."""

    def rows(self, entity: Entity) -> list[Row]:
        return [row for row in self._all(None) if row.entity == entity]

    def put(self, row: Row, expected: int) -> Row:
        assert row.region == self.region, "each region writes its own rows alone"
        key = (row.entity.key, row.region)
        if (self.items[key].revision if key in self.items else 0) != expected:
            raise RevisionConflictError(row.entity.key)
        item = {**to_item(row), "revision": {"N": str(expected + 1)}}
        self.items[key] = from_item(item)
        return self.items[key]

    def take(self, row: Row) -> bool:
        """Take over another region's row; return whether it is newer than the local one."""
        key = (row.entity.key, row.region)
        if key in self.items and self.items[key].revision >= row.revision:
            return False
        self.items[key] = row
        return True

    def scan(
        self, *, after: tuple[str, str] | None, refuse: Callable[[RowError], object]
    ) -> Iterator[Row]:
        assert refuse
        yield from self._all(after)

    def _all(self, after: tuple[str, str] | None) -> list[Row]:
        return [
            replace(row, away=row.region not in self.regions)
            for key, row in sorted(self.items.items())
            if after is None or key > after
        ]

    def expire(self, now: int) -> None:
        """Delete what DynamoDB deletes by the rows' own time."""
        gone = [key for key, row in self.items.items() if row.expires and row.is_expired(now)]
        for key in gone:
            del self.items[key]


@dataclass
class Region:
    """A region with what waits for it: events, rows under way, and entities to be applied."""

    name: str
    now: Callable[[], int]
    events: list[tuple[Entity, int | None]] = field(default_factory=list[tuple[Entity, int | None]])
    arriving: list[Row] = field(default_factory=list[Row])
    to_apply: list[tuple[Entity, str]] = field(default_factory=list[tuple[Entity, str]])
    asked: int = 0

    def __post_init__(self) -> None:
        self.core = Core(self.now)
        self.table = Replica(self.name)
        self.clock = HybridClock(self.name, self.now)
        asking = ReferenceRequests(
            table=self.table,
            region=self.name,
            excluded=frozenset(),
            enqueue=lambda entity: self.events.append((entity, None)),
            metrics=Metrics("IotDr/Registry", "dev"),
        )
        self.capture = Capture(
            access=self.core, table=self.table, clock=self.clock, before_write=asking
        )
        self.apply = Apply(access=self.core, table=self.table, clock=self.clock)

    def change(self, entity: Entity, state: State | None) -> None:
        """Change an entity as a user does, which makes an event."""
        self.core.set(entity, state)
        self.events.append((entity, self.now()))

    def enqueue(self, entity: Entity) -> None:
        self.asked += 1
        self.to_apply.append((entity, f"{self.name}-{self.asked}"))

    def capture_event(self, index: int) -> None:
        """Deliver an event; it comes again while a change is just being applied."""
        entity, at = self.events.pop(index)
        try:
            self.capture(entity, at)
        except ChangePendingError:
            self.events.append((entity, at))
            self.enqueue(entity)

    def arrive(self, index: int) -> None:
        """Let a row of another region arrive, which the stream reports."""
        row = self.arriving.pop(index)
        if self.table.take(row):
            self.enqueue(row.entity)

    def apply_message(self, index: int) -> None:
        """Deliver a message to apply; it comes again when it failed, to a run of its own."""
        entity, by = self.to_apply.pop(index)
        try:
            self.apply(entity, by)
        except (ChangePendingError, RetryableError, Crash):
            self.enqueue(entity)

    def reconcile(self) -> None:
        """Compare all that is here with all rows."""
        reconciler = Reconciler(
            access=self.core,
            table=self.table,
            capture=self.capture,
            excluded=frozenset(),
            enqueue=self.enqueue,
            time_is_up=lambda: False,
        )
        assert reconciler.run(Checkpoint()) is None
        assert reconciler.counts["Failed"] == 0

    def own(self, entity: Entity) -> Row:
        return self.table.items[entity.key, self.name]


class World:
    """Some regions, the time in each, and the rows under way between them."""

    def __init__(self, count: int, skews: tuple[int, ...] = (0, 0, 0)) -> None:
        self.time = 1_800_000_000_000
        self.regions = [
            Region(name, lambda skew=skew: self.time + skew)
            for name, skew in zip(NAMES[:count], skews, strict=False)
        ]
        self.cut: set[frozenset[str]] = set()
        self.deliveries = 0

    def part(self) -> None:
        """Cut all regions off from each other."""
        names = [region.name for region in self.regions]
        self.cut |= {frozenset(pair) for pair in combinations(names, 2)}

    def replicate(self) -> None:
        """Send the rows that were written on their way, but for regions that are cut off."""
        for source in self.regions:
            for target in self.regions:
                if source is not target and frozenset((source.name, target.name)) not in self.cut:
                    known = target.table.items
                    target.arriving += [
                        row
                        for key, row in sorted(source.table.items.items())
                        if row.region == source.name
                        and (key not in known or known[key].revision < row.revision)
                        and row not in target.arriving
                    ]

    def drain(self, most: int = 1000) -> None:
        """Deliver everything until nothing is left; more than `most` deliveries are a loop."""
        self.cut.clear()
        while True:
            self.replicate()
            busy = [each for each in self.regions if each.events or each.arriving or each.to_apply]
            if not busy:
                return
            for region in busy:
                self.time += 60_000
                for inbox, deliver in (
                    (region.events, region.capture_event),
                    (region.arriving, region.arrive),
                    (region.to_apply, region.apply_message),
                ):
                    if inbox:
                        self.deliveries += 1
                        deliver(0)
            assert self.deliveries < most, "the regions never settle"

    def settle(self) -> None:
        """Deliver everything, compare everything, and deliver what comes of it."""
        self.drain()
        for region in self.regions:
            region.reconcile()
        self.drain()

    def states(self, entity: Entity) -> list[State | None]:
        return [region.core.states.get(entity) for region in self.regions]
