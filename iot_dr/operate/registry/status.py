"""How far each region is behind the others."""

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
from iot_dr.observe.aws.clients import Clients, Limits
from iot_dr.observe.aws.errors import ClockSkewError, CredentialsError
from iot_dr.observe.aws.gathering import gather
from iot_dr.operate.registry.explained import explained
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.reading import StoppedError
from iot_dr.operate.registry.region_rows import RegionRows
from iot_dr.operate.registry.sites import LIMITS

# A region that hangs costs two seconds.
QUICK: Final = Limits(connect=1.0, read=1.0, attempts=1)
# With that for which no time limit holds: making the clients, and looking names up.
SECONDS: Final = 5.0
_WAITING: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)
_SEGMENTS: Final = 8
_CAUSES: Final = 5


class NoRegionError(UserError):
    """No region's table answers."""


class Table(Protocol):
    """A replica of the table, as far as it is scanned."""

    def scan(
        self,
        segment: int = 0,
        segments: int = 1,
        *,
        refuse: Callable[[RowError], object],
    ) -> Iterator[Row]:
        """Give the rows of a segment, each entity's together; tell `refuse` of malformed ones."""
        ...


def _no_rows() -> dict[str, RegionRows]:
    return {}


@dataclass
class TableRows:
    """What all rows tell, by region; `malformed` counts those that are none."""

    regions: dict[str, RegionRows] = field(default_factory=_no_rows)
    malformed: int = 0
    causes: list[str] = field(default_factory=list[str])

    def refuse(self, error: RowError) -> None:
        """Count a malformed row."""
        self.malformed += 1
        if len(self.causes) < _CAUSES:
            self.causes.append(str(error))

    def merge(self, other: "TableRows") -> None:
        """Add what another segment has told."""
        for region, rows in other.regions.items():
            self.regions[region].merge(rows)
        self.malformed += other.malformed
        self.causes = [*self.causes, *other.causes][:_CAUSES]


@dataclass(frozen=True, kw_only=True)
class RegistryStatus:
    """What the table of `told_by` tells, at the milliseconds `taken`, and the queues' depths.

    A depth is a number of messages, or why the queue does not tell; `silent` are the regions whose
    table does not answer, with the reason.
    """

    taken: int
    told_by: str
    rows: TableRows
    silent: Mapping[str, UserError]
    queues: Mapping[tuple[str, str], int | UserError]

    def age(self, region: str) -> float | None:
        """Give the seconds of changes that a region would lose if all others were lost now."""
        oldest = self.rows.regions[region].oldest
        return None if oldest is None else max(0.0, (self.taken - oldest) / 1000)

    def is_behind(self, older: float) -> bool:
        """Tell whether anything is parked or malformed, or waits for longer than these seconds."""
        regions = self.rows.regions.values()
        return (
            self.rows.malformed > 0
            or any(each.parked_count for each in regions)
            or any((self.age(each.region) or 0) > older for each in regions)
        )


@dataclass(frozen=True, kw_only=True)
class StatusReader:
    """Asks all regions at once, and reads the rows from the first one that answers.

    A region that has not answered after so many `seconds` is left alone.
    """

    settings: Settings
    quick: Clients
    patient: Clients
    seconds: float = SECONDS
    now: Callable[[], int] = field(default=wall_clock)

    @classmethod
    def of(cls, settings: Settings) -> "StatusReader":
        """Read with this process's credentials."""
        role = settings.deploy_role_arn
        return cls(
            settings=settings,
            quick=Clients(role, QUICK),
            patient=Clients(role, LIMITS),
            seconds=SECONDS,
        )

    def read(self, hours: float) -> RegistryStatus:
        """Give the status, with the lags of the last `hours`.

        Raises NoRegionError when no table answers, UsageError without a registry in step, and
        AwsError when credentials are refused or the table cannot be read to its end.
        """
        names = RegistryNames.of(self.settings)
        regions = self.settings.regions
        tables = {region: partial(self._described, region, names.table) for region in regions}
        queues = {
            (region, queue): partial(self._depth, region, queue)
            for region in regions
            for queue in names.queues
        }
        answers = gather({**tables, **queues}, self.seconds)
        silent = {each: told for each in regions if isinstance(told := answers[each], UserError)}
        teller = self._teller(silent)
        taken = self.now()
        with explained(teller):
            log = RegistryTable(self.patient.client("dynamodb", teller), names.table, regions)
            since = taken - round(hours * 3_600_000)
            rows = scan_rows(log, regions, since, taken, names.excluded)
        return RegistryStatus(
            taken=taken,
            told_by=teller,
            rows=rows,
            silent=silent,
            queues={key: answers[key] for key in queues},
        )

    def _teller(self, silent: Mapping[str, UserError]) -> str:
        for error in silent.values():
            if isinstance(error, CredentialsError | ClockSkewError):
                raise error
        teller = next((each for each in self.settings.failover_order if each not in silent), None)
        if teller is None:
            told = "; ".join(f"{region}: {error}" for region, error in silent.items())
            raise NoRegionError(f"no region's table can be read: {told}")
        return teller

    def _described(self, region: str, table: str) -> int:
        self.quick.call("dynamodb", region, "describe_table", TableName=table)
        return 0

    def _depth(self, region: str, queue: str) -> int:
        url = self.quick.call("sqs", region, "get_queue_url", QueueName=queue)["QueueUrl"]
        told = self.quick.call(
            "sqs", region, "get_queue_attributes", QueueUrl=url, AttributeNames=list(_WAITING)
        )
        return sum(int(told["Attributes"].get(each, 0)) for each in _WAITING)


def scan_rows(
    table: Table,
    regions: Sequence[str],
    since: int,
    now: int,
    excluded: Container[Entity] = frozenset(),
) -> TableRows:
    """Read all rows as a stream; raises what the table raises.

    Those of what is excluded are from before it was, and nobody brings them in step any more.
    """
    stop = Event()

    def segment(number: int) -> TableRows:
        told = TableRows({region: RegionRows(region) for region in regions})
        rows = table.scan(number, _SEGMENTS, refuse=told.refuse)
        for entity, group in groupby(rows, lambda row: row.entity):
            if stop.is_set():
                raise StoppedError
            if entity in excluded:
                continue
            these = list(group)
            for each in told.regions.values():
                each.add(entity, these, since, now)
        return told

    whole = TableRows({region: RegionRows(region) for region in regions})
    with ThreadPoolExecutor(_SEGMENTS) as pool:
        try:
            for part in pool.map(segment, range(_SEGMENTS)):
                whole.merge(part)
        finally:
            stop.set()
    return whole
