"""How many changes a second reach another region, and their lag.

Two emulators behind HTTP, and the functions of both regions in processes of their own, as Lambda
loads them. This module transfers what AWS would: events, replication, and the table's stream.
"""

import json
import sys
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Final

from functions.registry.stamp import wall_clock
from iot_dr.drill.play.account import client
from iot_dr.operate.registry.region_rows import LagHistogram
from iot_dr.operate.registry.status import scan_rows
from tools.benchmarks.registry_fleet import SOURCE, TABLE, TARGET, Region, region
from tools.benchmarks.registry_functions import Call, Functions
from tools.benchmarks.registry_region import ACCOUNT

_SOME: Final = 8
# The share of the maximum rate of changes at which the lag is measured.
_PART: Final = 0.5
_LOOK: Final = 0.02
_MOST_SECONDS: Final = 3600

_MESSAGES, _RECORDS = 10, 100
_IDLE: Final = 0.02
_QUEUES: Final = ("changes", "apply-shadows", "retry", "parked")


class LostError(Exception):
    """A change has not arrived as it should, so a time is meaningless."""


class Site:
    """A region; `arrived` are the keys of changes that its functions have applied.

    `lost` is the error that ended a thread.
    """

    def __init__(self, here: Region) -> None:
        self.here = here
        sqs = client("sqs", here.name, here.endpoint)
        self.functions = Functions(
            here, {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in _QUEUES}
        )
        self.arrived = set[str]()
        self.lost = ""
        self._events = SimpleQueue[Mapping[str, Any]]()
        self._asked = SimpleQueue[Mapping[str, Any]]()
        self._records = SimpleQueue[Mapping[str, Any]]()

    def furnish(self, number: int, other: "Site") -> None:
        """Create the thing that moto requires for a shadow, in both regions, without an event."""
        for site in (self, other):
            site.here.near[0].create_thing(thingName=f"{self.here.name}-{number}")

    def change(self, number: int) -> None:
        """Create a thing, or a shadow of an existing one, and publish its event as AWS does."""
        iot, data, _ = self.here.near
        named = {"thingName": f"{self.here.name}-{number}"}
        if number % 2:
            iot.create_thing(**named, attributePayload={"attributes": {"n": str(number)}})
            self._report(Call("CreateThing", named))
        else:
            payload = json.dumps({"state": {"desired": {"n": number}}})
            data.update_thing_shadow(**named, payload=payload)
            self._report(Call("UpdateThingShadow", named))

    def capture(self, other: "Site", stop: Event) -> None:
        """Pass events to capture, batch by batch, until it is stopped."""
        while not stop.is_set() and not self.lost:
            self._deliver("capture", self._events, other)

    def apply(self, other: "Site", stop: Event) -> None:
        """Pass the stream and its own requests to apply, until it is stopped."""
        while not stop.is_set() and not self.lost:
            records = _some(self._records, _RECORDS)
            if records and self._run("apply", {"Records": records}, other):
                self.lost = f"apply of {self.here.name} gave a record back"
            self._deliver("apply", self._asked, other)

    def _deliver(
        self, function: str, queue: "SimpleQueue[Mapping[str, Any]]", other: "Site"
    ) -> None:
        messages = _some(queue, _MESSAGES)
        for again in self._run(function, _batch(messages), other) if messages else ():
            queue.put(messages[int(again)])

    def _run(self, function: str, event: Mapping[str, Any], other: "Site") -> list[str]:
        answer, called = self.functions.run(function, event).result()
        for call in called:
            match call.operation:
                case "PutItem":
                    self._written(call.given["Item"], other)
                case "SendMessageBatch":
                    for entry in call.given["Entries"]:
                        self._sent(call.given["QueueUrl"], json.loads(entry["MessageBody"]))
                case "SendMessage":
                    self._sent(call.given["QueueUrl"], json.loads(call.given["MessageBody"]))
                case _:
                    self._report(call)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def _written(self, item: Mapping[str, Any], other: "Site") -> None:
        self._replicate(item, other)
        key = item["entity"]["S"]
        if "pending" not in item and f"/{other.here.name}-" in key:
            self.arrived.add(key)

    def _sent(self, url: str, message: Mapping[str, Any]) -> None:
        queue = url.rpartition("/")[2]
        if queue == "parked":
            self.lost = f"{self.here.name}: {message}"
        else:
            is_asked = queue in ("retry", "apply-shadows")
            (self._asked if is_asked else self._events).put(message)

    def _report(self, call: Call) -> None:
        """Publish the event of a call that changes something, including copied changes."""
        name = call.given.get("thingName")
        if call.operation in ("CreateThing", "UpdateThing"):
            event = {"eventType": "THING_EVENT", "accountId": ACCOUNT, "thingName": name}
            self._events.put({**event, "timestamp": wall_clock()})
        elif call.operation == "UpdateThingShadow":
            topic = f"$aws/things/{name}/shadow/update/documents"
            self._events.put({"topic": topic, "time": wall_clock()})

    def _replicate(self, item: Mapping[str, Any], other: "Site") -> None:
        # Apply ignores stream records of its own region's rows, so these are omitted.
        put = other.here.near[2].put_item
        old = put(TableName=TABLE, Item=item, ReturnValues="ALL_OLD").get("Attributes", {})
        keys = {name: item[name] for name in ("entity", "region")}
        other._records.put(  # noqa: SLF001 - same class
            {
                "eventID": "e",
                "eventName": "MODIFY" if old else "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {"Keys": keys, "NewImage": item, "OldImage": old},
            }
        )


def _some(queue: "SimpleQueue[Mapping[str, Any]]", most: int) -> list[Mapping[str, Any]]:
    """Take at most so many available items; waits at most 20 ms for the first."""
    taken: list[Mapping[str, Any]] = []
    try:
        taken.append(queue.get(timeout=_IDLE))
        while len(taken) < most:
            taken.append(queue.get_nowait())
    except Empty:
        pass
    return taken


def _batch(events: list[Mapping[str, Any]]) -> dict[str, Any]:
    sent = {
        "ApproximateReceiveCount": "1",
        "ApproximateFirstReceiveTimestamp": str(wall_clock()),
    }
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": str(number),
                "body": json.dumps(event),
                "attributes": sent,
                "eventSource": "aws:sqs",
            }
            for number, event in enumerate(events)
        ]
    }


@dataclass(frozen=True)
class Path:
    """A number of changes, half of them in each region, and their arrival in the other one.

    `rate` is changes a second when all are made at once; the lags are seconds, of as many changes
    at half that rate.
    """

    changes: int
    rate: float
    p50: float
    p99: float


def walked(changes: int) -> Path:
    """Measure an even number of changes; raises LostError if one does not arrive."""
    with _sites() as sites:
        _come_over(sites, range(-_SOME, 0), 0)
        rate = changes / _come_over(sites, range(changes), 0)
        since = wall_clock()
        _come_over(sites, range(changes, 2 * changes), 1 / (_PART * rate))
        lags = _lags(sites, since)
    if lags.count != changes:
        raise LostError(f"{lags.count} lags of {changes} changes")
    p50, p99 = (lags.quantile(part) or 0 for part in (0.5, 0.99))
    sys.stderr.write(f"  {changes:,} changes: {rate:.1f} a second, {p50:.2f} s late\n")
    return Path(changes, rate, p50, p99)


@contextmanager
def _sites() -> Generator[tuple[Site, Site]]:
    stop = Event()
    with ExitStack() as stack:
        first, second = (Site(stack.enter_context(region(name, 0))) for name in (SOURCE, TARGET))
        pool = stack.enter_context(ThreadPoolExecutor(4))
        lanes = [
            pool.submit(lane, other, stop)
            for site, other in ((first, second), (second, first))
            for lane in (site.capture, site.apply)
        ]
        try:
            yield first, second
        finally:
            stop.set()
            for lane in lanes:
                lane.result()
            for site in (first, second):
                site.functions.end()


def _come_over(sites: tuple[Site, Site], numbers: range, pause: float) -> float:
    """Make changes in both regions in turn; return the seconds until all are in the other one.

    Raises LostError if a change is lost or takes more than an hour.
    """
    turns = [sites if number // 2 % 2 else sites[::-1] for number in numbers]
    for number, (site, other) in zip(numbers, turns, strict=True):
        if number % 2 == 0:
            site.furnish(number, other)
    before = sum(len(site.arrived) for site in sites)
    start = time.perf_counter()
    for made, (number, (site, _)) in enumerate(zip(numbers, turns, strict=True)):
        time.sleep(max(0.0, start + made * pause - time.perf_counter()))
        site.change(number)
    while sum(len(site.arrived) for site in sites) - before < len(numbers):
        if time.perf_counter() - start > _MOST_SECONDS or any(site.lost for site in sites):
            raise LostError(*(site.lost for site in sites))
        time.sleep(_LOOK)
    return time.perf_counter() - start


def _lags(sites: tuple[Site, Site], since: int) -> LagHistogram:
    lags = LagHistogram()
    for site in sites:
        name = site.here.name
        rows = scan_rows(site.here.log(), [name], since, wall_clock())
        lags.merge(rows.regions[name].lags)
    return lags
