"""A reconciliation on demand, watched to its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.operate.registry.region_rows import RegionRows
from iot_dr.operate.registry.status import RegistryStatus, TableRows
from iot_dr.operate.registry.sync import QUIET_SECONDS, Sync, SyncClock
from tests.iot_dr.operate.registry.conftest import CENTRAL, DEV, NAMES, WEST

CHANGES, *_, DEAD_LETTERS = NAMES.queues


class Invoked(Clients):
    """Takes calls of functions, but not in regions that are gone."""

    def __init__(self, *gone: str) -> None:
        super().__init__(None)
        self.gone = gone
        self.calls: list[tuple[str, str, str, dict[str, object]]] = []

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        if region in self.gone:
            raise NoAnswerError(f"{region}: no answer")
        self.calls.append((service, region, method, arguments))
        return {}


@dataclass
class Table:
    """Looks in order, of which the last one stays: what waits in the central region, messages.

    Looks at the queues alone go on to the next one; `scans` are the times of the others.
    """

    looks: list[tuple[int, int]]
    now: float = 0.0
    scans: list[float] = field(default_factory=list[float])
    slept: list[float] = field(default_factory=list[float])

    def queues(self) -> dict[tuple[str, str], int | UserError]:
        _, messages = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return {
            (CENTRAL, CHANGES): messages,
            (CENTRAL, DEAD_LETTERS): 7,
            (WEST, CHANGES): UserError("no answer"),
        }

    def read(self) -> RegistryStatus:
        self.scans.append(self.now)
        rows = {region: RegionRows(region) for region in DEV.regions}
        rows[CENTRAL].outstanding = self.looks[0][0]
        return RegistryStatus(
            taken=0, source_region=WEST, rows=TableRows(rows), silent={}, queues={}
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def sync(table: Table, clients: Clients, regions: Iterable[str] = DEV.regions) -> Sync:
    return Sync(
        settings=DEV,
        regions=tuple(regions),
        clients=clients,
        read=table.read,
        queues=table.queues,
        waits=SyncClock(clock=lambda: table.now, sleep=table.sleep),
    )


def test_each_region_is_started_with_an_empty_event_and_one_that_is_gone_is_reported() -> None:
    clients = Invoked(CENTRAL)
    assert list(sync(Table([(0, 0)]), clients).start()) == [CENTRAL]
    event = {
        "FunctionName": "example-dev-registry-reconcile",
        "InvocationType": "Event",
        "Payload": b"{}",
    }
    assert clients.calls == [("lambda", WEST, "invoke", event)]


def test_it_ends_when_no_message_was_left_for_a_minute_and_nothing_is_pending() -> None:
    table = Table([(5, 2), (0, 2), (0, 0)])
    looks = list(sync(table, Invoked()).watch(3600))
    assert [look.messages for look in looks[:3]] == [2, 2, 0]
    assert [look.outstanding for look in looks[:-1]] == [None] * (len(looks) - 1)
    assert looks[-1].is_settled
    assert table.now - sum(table.slept[:1]) >= QUIET_SECONDS
    assert max(table.slept) <= 60
    assert table.scans == [table.now], "a scan reads every row"


def test_a_change_that_is_pending_without_a_message_is_looked_at_once_a_minute() -> None:
    table = Table([(3, 0)])
    looks = list(sync(table, Invoked()).watch(600))
    assert not looks[-1].is_settled
    assert len(table.scans) <= 600 / QUIET_SECONDS + 1


def test_no_message_at_first_is_not_an_end_as_the_function_has_yet_to_begin() -> None:
    looks = list(sync(Table([(0, 0), (0, 3), (0, 0)]), Invoked()).watch(3600))
    assert looks[-1].seconds >= looks[1].seconds + QUIET_SECONDS


def test_it_is_given_up_at_the_time_limit() -> None:
    table = Table([(1, 0)])
    looks = list(sync(table, Invoked()).watch(100))
    assert table.now == 100
    assert not looks[-1].is_settled


def test_other_regions_than_those_named_are_not_waited_for() -> None:
    looks = list(sync(Table([(9, 9)]), Invoked(), [WEST]).watch(3600))
    assert looks[-1].is_settled
