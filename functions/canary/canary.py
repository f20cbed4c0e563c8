"""The canary's answers, and how old what they say may be."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypedDict

from functions.probe.metrics import Metrics
from functions.probe.result import Outcome, Result

_OLDEST = 5.0
_WELL, _UNWELL = 200, 503


class Answer(TypedDict):
    """An answer to an HTTP API, payload format 2.0.

    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    statusCode: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class _Known:
    result: Result
    since: float


class Canary:
    """Answers from what it knows while that is recent, else from a new probe.

    A result may be as old as the health check's interval (seconds), and never older than 5 s. Its
    age counts from the beginning of its probe. `now` tells seconds and never goes back.
    """

    def __init__(
        self,
        prober: Callable[[], Result],
        interval: float,
        now: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        self._prober = prober
        self._oldest = min(interval, _OLDEST)
        self._now = now
        self._metrics = metrics
        self._known: _Known | None = None

    def answer(self) -> Answer:
        """Tell whether the regional name serves: 200, or 503 for any other outcome than `ok`.

        Never raises: whatever goes wrong here is a 503 too.
        """
        try:
            return self._answer()
        except Exception as error:  # noqa: BLE001 - API Gateway's 500 would hide what it was
            with suppress(Exception):
                self._count(Result(Outcome.FAILED, type(error).__name__))
            return _answer(Outcome.FAILED, None)

    def _answer(self) -> Answer:
        now = self._now()
        known = self._known
        if known is None or now - known.since > self._oldest:
            known = self._probe(now)
        age = self._now() - known.since
        outcome = known.result.outcome if age <= self._oldest else Outcome.EXPIRED
        return _answer(outcome, round(age, 3))

    def _probe(self, now: float) -> _Known:
        result = self._prober()
        if result.outcome is Outcome.EXPIRED and self._known is not None:
            # What is known stays as old as it is, and the next request tries again.
            known = _Known(result, self._known.since)
        else:
            known = self._known = _Known(result, now)
        self._count(result)
        return known

    def _count(self, result: Result) -> None:
        self._metrics.probe(result, {"Unhealthy": int(result.outcome is not Outcome.OK)})


def _answer(outcome: Outcome, age: float | None) -> Answer:
    return {
        "statusCode": _WELL if outcome is Outcome.OK else _UNWELL,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps({"outcome": outcome, "age": age}),
    }
