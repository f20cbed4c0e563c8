"""Closes connections at a rate, each at most once."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from iot_dr.common.waiting import OnWait, PollLimits
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import NOT_FOUND, AwsCall, AwsError, NoAnswerError, as_aws_error
from iot_dr.observe.aws.errors import code as error_code
from iot_dr.operate.drain.client_ids import DrainError
from iot_dr.operate.drain.drain_ledger import DrainLedger, Outcome
from iot_dr.operate.registry.sites import RateLimit

_THREADS: Final = 64
LIMITS: Final = CallLimits(connect=2, read=5, attempts=1, connections=_THREADS)
"""Limits of a call, which is made once: a repeated one might close a device's new connection."""

_THROTTLED: Final = "ThrottlingException"
_THROTTLED_SECONDS: Final = 1.0
_SILENCES: Final = 20
_REPORTED: Final = 10.0
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


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Closes the waiting connections of a ledger, at most `rate` a second.

    `problem` returns why no more may be closed, "" if they may. A call without an answer stays
    `begun` in the ledger, as it may have closed the connection.
    """

    ledger: DrainLedger
    close: Callable[[str], Outcome]
    rate: float
    problem: Callable[[], str]
    report: OnWait
    polls: PollLimits
    _results: "SimpleQueue[_Result]" = field(default_factory=SimpleQueue[_Result])

    def run(self) -> None:
        """Close them; raises DrainError, or AwsError if AWS refuses.

        Calls under way end first, also after Ctrl-C.
        """
        waiting, running, silences = deque(self.ledger.waiting()), 0, 0
        limit = RateLimit(self.rate, self.polls.clock, self.polls.pause)
        total, begun = len(waiting), self.polls.clock()
        reported = paused = begun
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                while waiting or running:
                    if waiting and running < _THREADS and self._results.empty():
                        if problem := self.problem():
                            raise DrainError(problem)
                        limit.wait(_OPERATION)
                        self._begin(pool, waiting.popleft())
                        running += 1
                        continue
                    client_id, called, result = self._stored(*self._results.get())
                    running -= 1
                    silences = silences + 1 if isinstance(result, NoAnswerError) else 0
                    if isinstance(result, Exception) and silences in {0, _SILENCES}:
                        raise result
                    if result == "waiting":
                        waiting.append(client_id)
                        # Calls that were under way together cost one pause together.
                        if called >= paused:
                            self.polls.pause(_THROTTLED_SECONDS)
                            paused = self.polls.clock()
                    if (now := self.polls.clock()) >= reported + _REPORTED:
                        reported = now
                        done = total - len(waiting) - running
                        self.report(now - begun, f"{done:,} of {total:,} connections are tried")
            finally:
                pool.shutdown()
                while not self._results.empty():
                    self._stored(*self._results.get())

    def _begin(self, pool: ThreadPoolExecutor, client_id: str) -> None:
        self.ledger.record(client_id, "begun")
        pool.submit(self._call, client_id, self.polls.clock())

    def _call(self, client_id: str, called: float) -> None:
        try:
            self._results.put((client_id, called, self.close(client_id)))
        except Exception as error:  # noqa: BLE001 - raised by `run`, which waits for a result
            self._results.put((client_id, called, error))

    def _stored(self, client_id: str, called: float, result: Outcome | Exception) -> _Result:
        if not isinstance(result, Exception):
            self.ledger.record(client_id, result)
        elif isinstance(result, AwsError) and not isinstance(result, NoAnswerError):
            self.ledger.record(client_id, "waiting")
        return client_id, called, result
