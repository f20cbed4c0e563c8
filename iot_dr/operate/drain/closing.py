"""Closes connections at a rate, each at most once."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from iot_dr.common.plain_text import plain
from iot_dr.common.waiting import OnWait, PollLimits, ProgressReport
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import (
    NOT_FOUND,
    AwsCall,
    AwsError,
    NoAnswerError,
    RequestRefusedError,
    as_aws_error,
)
from iot_dr.observe.aws.errors import code as error_code
from iot_dr.operate.drain.client_ids import DrainError
from iot_dr.operate.drain.drain_ledger import DrainLedger, Outcome
from iot_dr.operate.registry.sites import RateLimit

_THREADS: Final = 64
LIMITS: Final = CallLimits(connect=2, read=5, attempts=1, connections=_THREADS)
"""Limits of a call, which is made once: a repeated one might close a device's new connection."""

_THROTTLED: Final = "ThrottlingException"
_THROTTLED_SECONDS: Final = 1.0
_FAILURES: Final = 20
"""Calls in a row that have no answer or are refused."""

_OPERATION: Final = "DeleteConnection"

_Result = tuple[str, float, Outcome | Exception]


def close_connection(clients: Clients, region: str, endpoint: str | None, id_: str) -> Outcome:
    """Close a client's connection; its persistent session stays, and its last will is published.

    `endpoint` is the account's own of AWS IoT's data plane, None for the default. Returns `waiting`
    if AWS throttles; raises AwsError.
    """
    try:
        data = clients.client("iot-data", region, endpoint)
        data.delete_connection(clientId=id_, cleanSession=False)
    except (BotoCoreError, ClientError) as error:
        known: dict[str, Outcome] = {NOT_FOUND: "absent", _THROTTLED: "waiting"}
        name = error_code(error) if isinstance(error, ClientError) else ""
        if name in known:
            return known[name]
        raise as_aws_error(AwsCall("iot-data", region, _OPERATION), error) from error
    return "closed"


@dataclass(kw_only=True)
class Closing:
    """Closes the waiting connections of a ledger, at most `rate` a second.

    `problem` returns why no more may be closed, "" if they may. A call without an answer stays
    `begun` in the ledger, as it may have closed the connection; one that AWS refuses is `waiting`.
    """

    ledger: DrainLedger
    close: Callable[[str], Outcome]
    rate: float
    problem: Callable[[], str]
    report: OnWait
    polls: PollLimits
    _waiting: deque[str] = field(default_factory=deque[str], init=False)
    _results: "SimpleQueue[_Result]" = field(default_factory=SimpleQueue[_Result], init=False)
    _running: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)
    _refused: list[str] = field(default_factory=list[str], init=False)
    _paused: float = field(default=float("-inf"), init=False)

    def run(self) -> None:
        """Close them; raises DrainError, also if AWS has refused client ids, and AwsError.

        Calls under way end first, also after Ctrl-C.
        """
        self._waiting.extend(self.ledger.waiting())
        limit = RateLimit(self.rate, self.polls.clock, self.polls.pause)
        total, progress = len(self._waiting), ProgressReport(self.report, self.polls.clock)
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                while self._waiting or self._running:
                    if self._waiting and self._running < _THREADS and self._results.empty():
                        if problem := self.problem():
                            raise DrainError(problem)
                        limit.wait(_OPERATION)
                        self._begin(pool, self._waiting.popleft())
                        continue
                    self._end(*self._results.get())
                    tried = total - len(self._waiting) - self._running
                    progress.show(f"{tried:,} of {total:,} connections are tried")
            finally:
                pool.shutdown()
                while not self._results.empty():
                    client_id, _, result = self._results.get()
                    self._store(client_id, result)
        if self._refused:
            raise DrainError(f"{len(self._refused)} client ids are left: {self._refused[0]}")

    def _begin(self, pool: ThreadPoolExecutor, client_id: str) -> None:
        self.ledger.record(client_id, "begun")
        pool.submit(self._call, client_id, self.polls.clock())
        self._running += 1

    def _call(self, client_id: str, called: float) -> None:
        try:
            self._results.put((client_id, called, self.close(client_id)))
        except Exception as error:  # noqa: BLE001 - raised by `run`, which waits for a result
            self._results.put((client_id, called, error))

    def _end(self, client_id: str, called: float, result: Outcome | Exception) -> None:
        self._store(client_id, result)
        self._running -= 1
        is_failure = isinstance(result, NoAnswerError | RequestRefusedError)
        self._failures = self._failures + 1 if is_failure else 0
        if isinstance(result, Exception) and self._failures in {0, _FAILURES}:
            raise result
        if isinstance(result, RequestRefusedError):
            self._refused.append(f"{plain(client_id)}: {result}")
        if result == "waiting":
            self._waiting.append(client_id)
            # Calls that were under way together cost one pause together.
            if called >= self._paused:
                self.polls.pause(_THROTTLED_SECONDS)
                self._paused = self.polls.clock()

    def _store(self, client_id: str, result: Outcome | Exception) -> None:
        if not isinstance(result, Exception):
            self.ledger.record(client_id, result)
        elif isinstance(result, AwsError) and not isinstance(result, NoAnswerError):
            self.ledger.record(client_id, "waiting")
