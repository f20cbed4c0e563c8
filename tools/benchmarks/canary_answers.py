"""How soon the canary answers: from memory, and while its probe hangs."""

import multiprocessing
import socket
import ssl
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from functions.canary.canary import Canary
from functions.probe.clock import Clock
from functions.probe.connection import Connect
from functions.probe.deadline import Deadline
from functions.probe.metrics import Metrics
from functions.probe.prober import Prober
from functions.probe.publisher import Publisher
from functions.probe.request import PublishTarget
from functions.probe.result import Outcome, Result
from tests.functions.authority import Authority
from tests.functions.broker import HOST, Broker, dripping, silent

_LAMBDAS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
_TOPIC = PublishTarget(host=HOST, region="eu-west-1", topic="iot-dr/dev/canary")
# Longer than a result is valid, so that each request probes.
_PAUSE = 10.0
_LOOKUP_SECONDS = 3.0
_WAYS = 5


@dataclass
class Answers:
    """The durations of answers in seconds, and the number of answers with status 200."""

    seconds: list[float] = field(default_factory=list[float])
    well: int = 0

    def add(self, canary: Canary) -> None:
        """Send one request."""
        start = time.perf_counter()
        answer = canary.respond()
        self.seconds.append(time.perf_counter() - start)
        self.well += answer["statusCode"] == 200  # noqa: PLR2004 - the status says what it is

    @property
    def median(self) -> float:
        """Half of the answers took at most this time."""
        return statistics.median(self.seconds)

    @property
    def tail(self) -> float:
        """All answers but one in a thousand took at most this time."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.999)]


def from_memory(count: int) -> Answers:
    """Call a canary `count` times; it probes every 5 s, without a network."""
    canary = Canary(lambda: Result(Outcome.OK), 30, Clock().now, _silent_metrics())
    answers = Answers()
    for _ in range(count):
        answers.add(canary)
    return answers


def while_it_hangs(count: int, processes: int) -> Answers:
    """Send about `count` requests, in parallel processes, each with its own broker."""
    requests = max(1, round(count / processes / _WAYS))
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        parts = list(pool.map(_hang, [requests] * processes, range(processes)))
    return Answers([s for part in parts for s in part.seconds], sum(part.well for part in parts))


def _hang(count: int, first: int) -> Answers:
    """Send so many requests for each way to hang, the process's own first one first."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict("os.environ", _LAMBDAS))
        authority = Authority(Path(stack.enter_context(TemporaryDirectory())))
        certificate = authority.issue(HOST)
        mute, tls, drip = (
            stack.enter_context(Broker(file, serve).running()).connect
            for file, serve in ((None, silent), (certificate, silent), (certificate, dripping))
        )
        # It is never started: the kernel accepts its connections, and nobody reads them.
        deaf = Broker(None, silent)
        ways: Sequence[Connect] = (mute, tls, drip, deaf.connect, _hanging_lookup)
        tls_context = ssl.create_default_context(cafile=authority.file)
        answers = Answers()
        for number in range(first, first + _WAYS):
            _ask(ways[number % _WAYS], tls_context, count, answers)
        with deaf.running():
            return answers


def _ask(connect: Connect, tls_context: ssl.SSLContext, count: int, answers: Answers) -> None:
    asked = 0

    def now() -> float:
        return time.monotonic() + asked * _PAUSE

    publisher = Publisher(_TOPIC, connect=connect, tls_context=tls_context)
    canary = Canary(Prober(publisher), 30, now, _silent_metrics())
    for _ in range(count):
        answers.add(canary)
        asked += 1


def _hanging_lookup(_host: str, _port: int, _deadline: Deadline) -> socket.socket:
    time.sleep(_LOOKUP_SECONDS)
    raise socket.gaierror


def _silent_metrics() -> Metrics:
    drop: Callable[[str], None] = lambda _line: None  # noqa: E731 - no more than that
    return Metrics("IotDr/Canary", "dev", drop)
