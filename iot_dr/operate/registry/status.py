"""How far the registry of each region lags behind the others."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from threading import Event
from typing import Final, Protocol

from environments.settings import Settings
from functions.registry.entity import Entity
from functions.registry.item import RowError
from functions.registry.row import Row
from functions.registry.stamp import wall_clock
from functions.registry.table import RegistryTable
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import ClockSkewError, CredentialsError
from iot_dr.observe.aws.gathering import gather
from iot_dr.operate.registry.entity_reader import StoppedError
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.region_rows import RegionRows
from iot_dr.operate.registry.registry_errors import registry_errors
from iot_dr.operate.registry.sites import LIMITS

# A region that hangs costs two seconds.
_QUICK: Final = CallLimits(connect=1.0, read=1.0, attempts=1)
# Includes what has no time limit of its own: creating clients, and DNS lookups.
_SECONDS: Final = 5.0
_WAITING: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)
_SEGMENTS: Final = 8
_CAUSES: Final = 5


class NoRegionError(UserError):
    """No region's table answers."""


class TableReplica(Protocol):
    """A replica of the table, read by parallel scans."""

    def scan(
        self,
        segment: int = 0,
        segments: int = 1,
        *,
        refuse: Callable[[RowError], object],
    ) -> Iterator[Row]:
        """Yield the rows of a segment, each entity's together; malformed ones go to `refuse`."""
        ...


@dataclass
class TableRows:
    """Statistics of all rows, by region; `malformed` counts the rows that cannot be parsed.

    `causes` are the first few reasons.
    """

    regions: dict[str, RegionRows] = field(default_factory=dict[str, RegionRows])
    malformed: int = 0
    causes: list[str] = field(default_factory=list[str])

    def refuse(self, error: RowError) -> None:
        """Count a malformed row."""
        self.malformed += 1
        if len(self.causes) < _CAUSES:
            self.causes.append(str(error))

    def merge(self, other: "TableRows") -> None:
        """Add the statistics of another segment."""
        for region, rows in other.regions.items():
            self.regions[region].merge(rows)
        self.malformed += other.malformed
        self.causes = [*self.causes, *other.causes][:_CAUSES]


@dataclass(frozen=True, kw_only=True)
class RegistryStatus:
    """Statistics of the table in `source_region` at `taken` (milliseconds), and the queues' depths.

    A depth is a number of messages, or why it is unknown; `silent` are the regions whose table does
    not answer, with the reason.
    """

    taken: int
    source_region: str
    rows: TableRows
    silent: Mapping[str, UserError]
    queues: Mapping[tuple[str, str], int | UserError]

    def age(self, region: str) -> float | None:
        """Return the age in seconds of the oldest change that a region has not applied, else None.

        If all other regions were lost now, the region would lose the changes since then.
        """
        oldest = self.rows.regions[region].oldest
        return None if oldest is None else max(0.0, (self.taken - oldest) / 1000)

    def is_behind(self, older: float) -> bool:
        """Whether anything is dead-lettered, malformed, or pending for over `older` seconds."""
        regions = self.rows.regions.values()
        return (
            self.rows.malformed > 0
            or any(each.dead_letter_count for each in regions)
            or any((self.age(each.region) or 0) > older for each in regions)
        )


@dataclass(frozen=True, kw_only=True)
class StatusReader:
    """Queries all regions concurrently, and reads the rows from the first one that answers.

    A region that has not answered after `seconds` is skipped.
    """

    settings: Settings
    quick: Clients
    patient: Clients
    seconds: float
    now: Callable[[], int] = field(default=wall_clock)

    @classmethod
    def of(cls, settings: Settings) -> "StatusReader":
        """Return a reader with this process's credentials."""
        role = settings.deploy_role_arn
        return cls(
            settings=settings,
            quick=Clients(role, _QUICK),
            patient=Clients(role, LIMITS),
            seconds=_SECONDS,
        )

    def read(self, hours: float) -> RegistryStatus:
        """Return the status, with the replication lags measured in the last `hours`.

        Raises NoRegionError if no region's table answers, UsageError if the registry is not
        replicated, AwsError if AWS rejects the credentials or this machine's clock, and AwsError or
        RegistryError if the table cannot be read to its end.
        """
        names = RegistryNames.of(self.settings)
        regions = self.settings.regions
        tables = {region: partial(self._described, region, names.table) for region in regions}
        depths = self._depths()
        answers = gather({**tables, **depths}, self.seconds)
        silent = {
            region: error for region in regions if isinstance(error := answers[region], UserError)
        }
        source = self._first_answering(silent)
        taken = self.now()
        with registry_errors(source):
            log = RegistryTable(self.patient.client("dynamodb", source), names.table, regions)
            since = taken - round(hours * 3_600_000)
            rows = scan_rows(log, regions, since, taken, names.excluded)
        return RegistryStatus(
            taken=taken,
            source_region=source,
            rows=rows,
            silent=silent,
            queues={key: answers[key] for key in depths},
        )

    def queues(self) -> Mapping[tuple[str, str], int | UserError]:
        """Return the depths of all queues, without a scan of the table."""
        return gather(self._depths(), self.seconds)

    def _depths(self) -> dict[tuple[str, str], Callable[[], int]]:
        queues = RegistryNames.of(self.settings).queues
        return {
            (region, queue): partial(self._depth, region, queue)
            for region in self.settings.regions
            for queue in queues
        }

    def _first_answering(self, silent: Mapping[str, UserError]) -> str:
        for error in silent.values():
            if isinstance(error, CredentialsError | ClockSkewError):
                raise error
        source = next((each for each in self.settings.failover_order if each not in silent), None)
        if source is None:
            reasons = "; ".join(f"{region}: {error}" for region, error in silent.items())
            raise NoRegionError(f"no region's table can be read: {reasons}")
        return source

    def _described(self, region: str, table: str) -> int:
        self.quick.call("dynamodb", region, "describe_table", TableName=table)
        return 0

    def _depth(self, region: str, queue: str) -> int:
        url = self.quick.call("sqs", region, "get_queue_url", QueueName=queue)["QueueUrl"]
        answer = self.quick.call(
            "sqs", region, "get_queue_attributes", QueueUrl=url, AttributeNames=list(_WAITING)
        )
        return sum(int(answer["Attributes"].get(each, 0)) for each in _WAITING)


def scan_rows(
    table: TableReplica,
    regions: Sequence[str],
    since: int,
    now: int,
    excluded: Container[Entity] = frozenset(),
) -> TableRows:
    """Return statistics of all rows, read as a stream; raises what the table raises.

    Rows of excluded entities are older than the exclusion and no longer replicated; they are
    skipped.
    """
    stop = Event()

    def segment(number: int) -> TableRows:
        statistics = TableRows({region: RegionRows(region) for region in regions})
        rows = table.scan(number, _SEGMENTS, refuse=statistics.refuse)
        for entity, group in groupby(rows, lambda row: row.entity):
            if stop.is_set():
                raise StoppedError
            if entity in excluded:
                continue
            entity_rows = list(group)
            for region_rows in statistics.regions.values():
                region_rows.add(entity, entity_rows, since, now)
        return statistics

    whole = TableRows({region: RegionRows(region) for region in regions})
    with ThreadPoolExecutor(_SEGMENTS) as pool:
        try:
            for part in pool.map(segment, range(_SEGMENTS)):
                whole.merge(part)
        finally:
            # Once a segment has failed, the others end at their next entity.
            stop.set()
    return whole
