"""The regions, their calls of AWS, and what is on its way between them.

Every call is a point at which another invocation may go on, the call may fail, or the invocation
may crash. A seed decides.
"""

import random
import zlib
from collections import deque
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.simulation.api import check
from tests.simulation.iot_core import IotCore
from tests.simulation.queues import Sqs
from tests.simulation.table import Key, Order, Replica, event_of
from tests.simulation.task import Task
from tests.simulation.things import aws_error

QUEUES = ("changes", "shadows", "retry", "copied-shadows", "reconcile", "parked")
START = 1_800_000_000_000
DAY = 86_400_000
LANES = 4
"""Batches of the stream that are handled at the same time."""
_PROMPT = 0.5
"""How often a call is made without letting others go on before."""
_THROTTLED, _UNANSWERED, _GIVES_UP = 0.03, 0.03, 0.5
_LOST, _TWICE = 0.04, 0.06


class Aws:
    """Two to five regions and the links between them.

    While `is_alone`, a task runs to its end before others; while `is_faulty`, calls fail and events
    are lost.
    """

    def __init__(self, seed: int, regions: Sequence[str]) -> None:
        self.random, self.now = random.Random(seed), START  # noqa: S311 - no secret
        self.is_alone, self.is_faulty = True, False
        self.regions = tuple(regions)
        self.skews = dict.fromkeys(self.regions, 0)
        self.iot = {region: self._iot_core(region) for region in self.regions}
        self.queues = {region: Sqs(QUEUES, lambda: self.now) for region in self.regions}
        self.tables = {region: self._replica(region) for region in self.regions}
        self.lanes: dict[tuple[str, int], deque[tuple[int, Any]]] = {
            (region, lane): deque() for region in self.regions for lane in range(LANES)
        }
        self.links: dict[tuple[str, str], list[tuple[Key, Any, Order]]] = {
            (a, b): [] for a in self.regions for b in self.regions if a != b
        }
        self.cut: set[tuple[str, str]] = set()
        self.down: set[str] = set()
        self.current: Task | None = None
        self._records = 0

    def _iot_core(self, region: str) -> IotCore:
        return IotCore(region, lambda: self.clock(region), self._detaching_takes)

    def _replica(self, region: str) -> Replica:
        return Replica(
            region, lambda: self.clock(region), partial(self._wrote, region),
            partial(self._streamed, region),
        )  # fmt: skip

    # What functions and users see of AWS and of time

    def clock(self, region: str) -> int:
        """Return the milliseconds since 1970 by the clock of a region."""
        return self.now + self.skews[region]

    def client(self, service: str, region: str, **_options: object) -> Any:
        """Return a client of a service in a region, as boto3.client does."""
        targets: Any = {"dynamodb": self.tables, "sqs": self.queues}
        return Client(self, service, region, targets.get(service, self.iot)[region])

    def call(self, client: "Client", name: str, request: dict[str, Any]) -> Any:
        """Make one call: others may go on before it, and it may fail before or after it is done."""
        check(client.service, name, request)
        task, roll = self.current, 1.0
        self.now += self.random.choice((5, 10, 20))
        if task is not None and not self.is_alone and name != "describe_endpoint":
            if self.random.random() > _PROMPT:
                task.pause()
            roll = self.random.random() if self.is_faulty and not task.is_user else 1.0
        if roll < _THROTTLED:
            raise aws_error("ThrottlingException")
        answer = self._made(client, name, request)
        if roll > 1 - _UNANSWERED and roll < 1.0:
            if self.random.random() < _GIVES_UP:
                raise ReadTimeoutError(endpoint_url=client.region)
            # The SDK calls again, without knowing that the call was done.
            answer = self._made(client, name, request)
        return answer

    def _made(self, client: "Client", name: str, request: dict[str, Any]) -> Any:
        answer = getattr(client.target, name)(request)
        event = event_of(name, request, answer, client.region, self.clock(client.region))
        if event is not None:
            self._send_event(client.region, event)
        return answer

    def wait(self, milliseconds: int) -> None:
        """Let a user wait while everything else goes on."""
        if self.current is None or self.is_alone:
            self.now += milliseconds
            return
        self.current.wake = self.now + milliseconds
        self.current.pause()

    # What is on its way

    def _send_event(self, region: str, event: Any) -> None:
        delays = (0, 1, 2000, 60_000) if "detail" in event else (0, 0, 50, 1000)
        lost = _LOST if self.is_faulty else 0
        copies = self.random.choices((0, 1, 2), (lost, 1 - lost - _TWICE, _TWICE))[0]
        for _ in range(copies):
            queue = "shadows" if "topic" in event else "changes"
            self.queues[region].put(queue, event, self.random.choice(delays))

    def _detaching_takes(self) -> int:
        return self.random.choice((0, 0, 200, 5000))

    def _wrote(self, region: str, key: Key, item: Any, order: Order) -> None:
        for (source, _), link in self.links.items():
            if source == region:
                link.append((key, item, order))

    def _streamed(self, region: str, key: Key, record: Any) -> None:
        self._records += 1
        record["eventID"] = record["dynamodb"]["SequenceNumber"] = str(self._records)
        lane = zlib.crc32(key[0].encode()) % LANES
        self.lanes[region, lane].append((self.now, record))

    def replicate(self, target: str, link: list[tuple[Key, Any, Order]]) -> None:
        """Replicate a random write; those of one item stay in order."""
        key = self.random.choice(link)[0]
        index = next(index for index, write in enumerate(link) if write[0] == key)
        self.tables[target].receive(*link.pop(index))


class Client:
    """A boto3 client of a region whose every call goes through the world."""

    meta = SimpleNamespace(partition="aws")

    def __init__(self, world: Aws, service: str, region: str, target: Any) -> None:
        self.world, self.service, self.region, self.target = world, service, region, target

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            return self.world.call(self, name, request)

        return call
