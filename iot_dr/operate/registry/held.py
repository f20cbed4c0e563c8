"""Deletions that the brake of a region holds back, and what a person decides about them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from functions.registry.brake import REASON, Brake
from functions.registry.capture import ATTEMPTS
from functions.registry.entity import Entity
from functions.registry.queue import Queue
from functions.registry.resolution import own_row, resolved_row
from functions.registry.row import Row
from functions.registry.stamp import HybridClock, HybridStamp, wall_clock
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

    def deletions(self) -> dict[Entity, HybridStamp]:
        """Return the entities whose deletion is held back, and when each was deleted.

        That takes a scan of the table.
        """
        deletions = dict[Entity, HybridStamp]()
        with registry_errors(self.region):
            rows = self.table.scan(refuse=lambda _error: None)
            for entity, group in groupby(rows, lambda row: row.entity):
                deletion = self._deletion(entity, list(group))
                if deletion is not None:
                    deletions[entity] = deletion.stamp
        return deletions

    def let_through(self, deletions: Mapping[Entity, HybridStamp]) -> int:
        """Let the functions make these deletions; return how many they are sent.

        Earlier ones that arrive or fail later need no count either, and later ones do.
        """
        until = max((stamp.milliseconds for stamp in deletions.values()), default=None)
        with registry_errors(self.region):
            self.brake.disengage(until)
            self.retry.enqueue_all(list(deletions))
        return len(deletions)

    def restore(self, entities: Iterable[Entity]) -> int:
        """Make what the region still has the newest change, which every region takes over.

        Return for how many entities. The brake is disengaged unless others are held back by now.
        """
        with registry_errors(self.region):
            restored = sum(map(self._restore, entities))
            # A scan may return a row as it was before.
            if not any(self._deletion(each, self.table.rows(each)) for each in self.deletions()):
                self.brake.disengage()
        return restored

    def _restore(self, entity: Entity) -> bool:
        for _ in range(ATTEMPTS):
            rows = self.table.rows(entity)
            if self._deletion(entity, rows) is None:
                return False
            own = own_row(rows, entity, self.region)
            seen = merged_seen([own, *rows])
            stamp = HybridClock(self.region, self.now).next(None, [own.stamp, *seen.values()])
            row = replace(
                own,
                stamp=stamp,
                seen={**seen, self.region: stamp},
                basis=seen,
                held_at=self.now(),
                dead_letter=None,
            )
            with suppress(RevisionConflictError):
                self.table.put(row, own.revision)
                return True
        return False

    def _deletion(self, entity: Entity, rows: Sequence[Row]) -> Row | None:
        """Return the region's row after the deletion that it holds back, None if it holds none."""
        own = own_row(rows, entity, self.region)
        letter = own.dead_letter
        # Earlier versions wrote more behind it.
        if own.state is None or letter is None or not letter.reason.startswith(REASON):
            return None
        wanted = resolved_row(own, rows, self.now())
        return wanted if wanted.state is None else None
