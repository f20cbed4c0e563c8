"""Regions with the real handlers, whose interleaving and faults a seed decides.

Time passes only here and in the calls of AWS.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from modules.queue_limits import APPLY, CAPTURE, RECONCILE, RETENTION
from tests.simulation.aws import DAY, QUEUES, Aws
from tests.simulation.code import Code
from tests.simulation.queues import batch
from tests.simulation.task import Task
from tests.simulation.things import ACCOUNT

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1")
_CONSUMERS = {
    "changes": ("capture", CAPTURE),
    "shadows": ("capture", CAPTURE),
    "retry": ("apply", APPLY),
    "copied-shadows": ("apply", APPLY),
    "reconcile": ("reconcile", RECONCILE),
}
"""The function of each queue, and how it consumes it."""
_SLOW, _CRASHES = 0.03, 0.015
_STREAM_KEEPS, _QUEUE_KEEPS = DAY, RETENTION * 1000
_MOST_STEPS = 30_000


class HandlerError(Exception):
    """A handler cannot be loaded, or raised something other than a failure of AWS."""

    def __init__(self, function: str, cause: object) -> None:
        super().__init__(f"{function} raised {type(cause).__name__}: {cause}"[:200])


class World(Aws):
    """Regions with code, whose functions are invoked; and what happens to them."""

    def __init__(self, seed: int, codes: Sequence[Code]) -> None:
        self.codes = dict(zip(REGIONS, codes, strict=False))
        super().__init__(seed, tuple(self.codes))
        self._tasks: list[Task] = []
        self._busy: set[tuple[str, int]] = set()
        self._idle: dict[tuple[str, str], list[Any]] = {}
        for region, code in self.codes.items():
            self.upgrade(region, code)

    # Invocations

    def _invoke(
        self, function: str, region: str, event: Any, done: Callable[[str, Any], None]
    ) -> None:
        idle = self._idle.setdefault((function, region), [])
        handle = idle.pop() if idle else self._new_handler(function, region)
        end = self.now + 1000 * max(
            used.timeout for name, used in _CONSUMERS.values() if name == function
        )

        def remaining() -> int:
            is_slow = self.is_faulty and self.random.random() < _SLOW
            return 0 if is_slow else max(0, end - self.now)

        def ended(outcome: str, answer: Any) -> None:
            if outcome != "crash":
                idle.append(handle)
            is_expected = isinstance(answer, (ReadTimeoutError, ClientError))
            is_expected = is_expected or type(answer).__name__ == "RetryableError"
            if outcome == "error" and not is_expected:
                raise HandlerError(function, answer)
            done(outcome, answer)

        context = SimpleNamespace(get_remaining_time_in_millis=remaining)
        self.start(Task(region, lambda: handle(event, context), ended))

    def _new_handler(self, function: str, region: str) -> Any:
        names = {f"REGISTRY_{name.upper()}_QUEUE": name for name in QUEUES}
        names["REGISTRY_SHADOWS_QUEUE"] = "copied-shadows"
        variables = {
            "AWS_REGION": region, "REGISTRY_ACCOUNT": ACCOUNT, "REGISTRY_ENVIRONMENT": "simulated",
            "REGISTRY_REGIONS": ",".join(self.regions), "REGISTRY_TABLE": "table",
            "REGISTRY_EXCLUDED_POLICIES": "", "REGISTRY_EXCLUDED_CA_CERTIFICATES": "", **names,
        }  # fmt: skip
        try:
            return self.codes[region].handler(function, variables)
        except Exception as error:
            raise HandlerError(function, error) from error

    def start(self, task: Task) -> None:
        """Start a task, and let it run up to its first call, or to its end while `is_alone`."""
        self._tasks.append(task)
        self._step(task, alone=self.is_alone)

    def _step(self, task: Task, *, alone: bool = False) -> None:
        before, self.current = self.current, task
        if task.run_alone() if alone else task.step():
            self._tasks.remove(task)
        self.current = before

    def _deliver(self, region: str, queue: str) -> None:
        """Invoke the consumer of a queue with a batch of its visible messages."""
        function, limits = _CONSUMERS[queue]
        visible = self.queues[region].visible(queue)
        size = limits.batch_size
        count = size if self.is_alone else self.random.randint(1, size)
        messages = self.random.sample(visible, min(len(visible), count))
        for message in messages:
            message["visible"] = self.now + limits.visibility_timeout * 1000
            message["received"] += 1
            message.setdefault("first", self.now)

        def done(outcome: str, answer: Any) -> None:
            failures = answer.get("batchItemFailures", ()) if outcome == "ok" else ()
            refused = {each["itemIdentifier"] for each in failures}
            waiting = self.queues[region].waiting
            handled = [each for each in messages if outcome == "ok" and each["id"] not in refused]
            failed = [each for each in messages if each not in handled]
            dead_letters = [each for each in failed if each["received"] >= limits.receives]
            waiting[queue] = [
                each for each in waiting[queue] if each not in [*handled, *dead_letters]
            ]
            waiting["parked"] += dead_letters

        self._invoke(function, region, batch(queue, messages), done)

    def _deliver_stream(self, place: tuple[str, int]) -> None:
        """Invoke apply with the next records of a lane, and go on at the first that failed."""
        lane = self.lanes[place]
        count = len(lane) if self.is_alone else self.random.randint(1, len(lane))
        records = [lane[index][1] for index in range(count)]
        self._busy.add(place)

        def done(outcome: str, answer: Any) -> None:
            self._busy.discard(place)
            failures = answer["batchItemFailures"] if outcome == "ok" else ()
            first = failures[0]["itemIdentifier"] if failures else None
            for record in records if outcome == "ok" else ():
                if record["dynamodb"]["SequenceNumber"] == first:
                    break
                lane.popleft()

        self._invoke("apply", place[0], {"Records": records}, done)

    def compare(self, region: str) -> None:
        """Start a comparison as a call by hand does."""
        self._invoke("reconcile", region, {}, lambda _outcome, _answer: None)

    def missing_pulses(self) -> list[str]:
        """Send pulses while all is quiet; return those that have not arrived in a region."""
        sent = self.now // 1000 * 1000
        at = f"{datetime.fromtimestamp(sent / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
        for region, queues in self.queues.items():
            pulse = {"source": "aws.events", "account": ACCOUNT, "region": region, "time": at}
            for queue in ("changes", "shadows"):
                queues.put(queue, {**pulse, "detail": {}})
        self.drain()
        expected = {"N": f"{sent}"}
        return [
            f"the pulse of {source} through {queue} has not arrived in {region}"
            for queue in ("changes", "shadows")
            for source in self.regions
            for region, table in self.tables.items()
            if table.items.get((f"pulse/{queue}", source), {}).get("made_at") != expected
        ]

    def upgrade(self, region: str, code: Code) -> None:
        """Deploy other code to a region; invocations that run go on with theirs."""
        self.codes[region] = code
        for function in ("capture", "apply", "reconcile"):
            self._idle.pop((function, region), None)
        code.connect(self.client, self._nanoseconds)

    def _nanoseconds(self) -> int:
        region = self.regions[0] if self.current is None else self.current.region
        return self.clock(region) * 1_000_000

    # What happens next

    def _choices(self) -> list[Callable[[], None]]:
        up = [region for region in self.regions if region not in self.down]
        choices: list[Callable[[], None]] = [
            partial(self._step, task)
            for task in self._tasks
            if task.region in up and task.wake <= self.now
        ]
        for region in up:
            choices += [
                partial(self._deliver, region, queue)
                for queue in _CONSUMERS
                if self.queues[region].visible(queue)
            ]
            if expired := self.tables[region].expired():
                choices.append(partial(self.tables[region].write, expired[0], None))
        choices += [
            partial(self._deliver_stream, place)
            for place, lane in self.lanes.items()
            if lane and place[0] in up and place not in self._busy
        ]
        choices += [
            partial(self.replicate, pair[1], link)
            for pair, link in self.links.items()
            if link and pair not in self.cut and not self.down.intersection(pair)
        ]
        return choices

    def run(self, steps: int) -> None:
        """Let random things happen, with faults and crashes."""
        self.is_alone, self.is_faulty = False, True
        for _ in range(steps):
            choices = self._choices()
            if not choices:
                self.now += self.random.choice((100, 1000, 10_000))
                continue
            chosen: Any = self.random.choice(choices)
            task = chosen.args[0] if chosen.func == self._step else None
            if task is not None and not task.is_user:
                task.is_crashing = self.random.random() < _CRASHES
            chosen()
        self.is_alone, self.is_faulty = True, False

    def cut_off(self, source: str, target: str) -> None:
        """Let nothing be replicated from one region to another one."""
        self.cut.add((source, target))

    def heal(self) -> None:
        """Let all regions and links work again."""
        self.cut.clear()
        self.down.clear()

    def skip(self, milliseconds: int) -> None:
        """Let time pass in which nothing happens; streams and queues forget what is too old."""
        self.now += milliseconds
        for place, lane in self.lanes.items():
            while place not in self._busy and lane and lane[0][0] < self.now - _STREAM_KEEPS:
                lane.popleft()
        for queues in self.queues.values():
            for name, waiting in queues.waiting.items():
                kept = [each for each in waiting if each["sent"] >= self.now - _QUEUE_KEEPS]
                queues.waiting[name] = kept

    def drain(self, *, alone: bool = True) -> bool:
        """End all faults and let happen what is on its way; return whether that ended."""
        self.heal()
        self.is_alone = alone
        try:
            return self._drain()
        finally:
            self.is_alone = True

    def _drain(self) -> bool:
        for _ in range(_MOST_STEPS):
            if choices := self._choices():
                self.random.choice(choices)()
                continue
            later = [
                message["visible"]
                for region in self.regions
                for queue in _CONSUMERS
                for message in self.queues[region].waiting[queue]
            ] + [task.wake for task in self._tasks]
            if not later:
                return True
            self.now = max(self.now, min(later))
        return False

    def settle(self, rounds: int = 6) -> bool:
        """Drain, and compare all regions until nothing changes; return whether that ended."""
        for _ in range(rounds):
            if not self.drain():
                return False
            self.now += 600_000
            before = self._stamps()
            for region in self.regions:
                self.compare(region)
            if not self.drain():
                return False
            if self._stamps() == before:
                return True
        return False

    def _stamps(self) -> Any:
        return {
            (region, item["entity"]["S"], item["region"]["S"]): (
                item["stamp"]["S"],
                item["hash"]["S"],
            )
            for region, table in self.tables.items()
            for item in table.rows()
        }
