"""Deletions that the brake of a region holds back, and what a person decides about them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from functions.registry.brake import HELD_BACK, Brake
from functions.registry.capture import ATTEMPTS
from functions.registry.entity import Entity
from functions.registry.queue import Queue
from functions.registry.resolution import own_row
from functions.registry.row import Row
from functions.registry.stamp import HybridClock, wall_clock
from functions.registry.table import RegistryTable, RevisionConflictError
from functions.registry.winner import merged_seen
from iot_dr.observe.aws.clients import Clients
from iot_dr.operate.registry.registry_errors import registry_errors
from iot_dr.operate.registry.sites import RegistryClients


@dataclass(frozen=True, kw_only=True)
class HeldDeletions:
    """The held deletions of a region; its methods raise UserError if the region does not answer."""

    region: str
    table: RegistryTable
    brake: Brake
    retry: Queue
    now: Callable[[], int] = field(default=wall_clock)

    @classmethod
    def of(cls, region: str, sites: RegistryClients, clients: Clients) -> "HeldDeletions":
        """Return those of a region, with the clients that change them; raises AwsError."""
        names, table = sites.names, sites.log(region)
        sqs: Any = clients.client("sqs", region)
        dynamodb: Any = clients.client("dynamodb", region)
        url = clients.call("sqs", region, "get_queue_url", QueueName=names.retry)["QueueUrl"]
        brake = Brake(client=dynamodb, table=table.name, region=region, percent=100)
        return cls(region=region, table=table, brake=brake, retry=Queue(sqs, url))

    def entities(self) -> list[Entity]:
        """Return the entities whose deletion is held back, by a scan of the table."""
        with registry_errors(self.region):
            rows = self.table.scan(refuse=lambda _error: None)
            groups = groupby(rows, lambda row: row.entity)
            return [entity for entity, group in groups if _is_held(self._own(entity, list(group)))]

    def let_through(self, entities: list[Entity]) -> int:
        """Let the functions delete what was deleted until now; return how many they are sent."""
        with registry_errors(self.region):
            self.brake.disengage(let_through=True)
            self.retry.enqueue_all(entities)
        return len(entities)

    def restore(self, entities: list[Entity]) -> int:
        """Make what the region still has the newest change, which every region takes over.

        Return for how many entities, and disengage the brake.
        """
        with registry_errors(self.region):
            restored = sum(map(self._restore, entities))
            self.brake.disengage(let_through=False)
        return restored

    def _restore(self, entity: Entity) -> bool:
        for _ in range(ATTEMPTS):
            rows = self.table.rows(entity)
            own = self._own(entity, rows)
            if not _is_held(own):
                return False
            seen = merged_seen([own, *rows])
            stamp = HybridClock(self.region, self.now).next(None, [own.stamp, *seen.values()])
            row = replace(
                own,
                stamp=stamp,
                seen={**seen, self.region: stamp},
                basis=seen,
                held_at=self.now(),
                parked=None,
            )
            with suppress(RevisionConflictError):
                self.table.put(row, own.revision)
                return True
        return False

    def _own(self, entity: Entity, rows: list[Row]) -> Row:
        return own_row(rows, entity, self.region)


def _is_held(own: Row) -> bool:
    return own.state is not None and own.parked is not None and own.parked.reason == HELD_BACK
