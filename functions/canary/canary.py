"""The canary's HTTP responses, from a probe or from a recent result."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypedDict

from functions.contract import UNHEALTHY, canary_age
from functions.probe.metrics import Metrics
from functions.probe.result import Outcome, Result

_OK, _UNAVAILABLE = 200, 503


class Response(TypedDict):
    """A response to an HTTP API, payload format 2.0.

    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    statusCode: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class _CachedResult:
    result: Result
    since: float


class Canary:
    """Responds with a recent result, or probes if there is none.

    A result may be as old as the health check's `interval` (seconds), but at most 5 s. Its age
    counts from the start of its probe. `now` returns seconds and never goes back. Without the cache
    every checker of Route 53 would cost a message in each interval.
    """

    def __init__(
        self,
        prober: Callable[[], Result],
        interval: float,
        now: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        self._prober = prober
        self._max_age = canary_age(interval)
        self._now = now
        self._metrics = metrics
        self._cached: _CachedResult | None = None

    def respond(self) -> Response:
        """Return 200 if the outcome is `ok`, else 503.

        Never raises: an exception in the canary is a 503 too.
        """
        try:
            return self._respond()
        except Exception as error:  # noqa: BLE001 - API Gateway's 500 would hide the reason
            with suppress(Exception):
                self._count(Result(Outcome.FAILED, type(error).__name__))
            return _response(Outcome.FAILED, None)

    def _respond(self) -> Response:
        now = self._now()
        cached = self._cached
        if cached is None or now - cached.since > self._max_age:
            cached = self._probe(now)
        age = self._now() - cached.since
        outcome = cached.result.outcome if age <= self._max_age else Outcome.EXPIRED
        return _response(outcome, round(age, 3))

    def _probe(self, now: float) -> _CachedResult:
        result = self._prober()
        if result.outcome is Outcome.EXPIRED and self._cached is not None:
            # The cached result keeps its age, so that the next request probes again.
            cached = _CachedResult(result, self._cached.since)
        else:
            cached = self._cached = _CachedResult(result, now)
        self._count(result)
        return cached

    def _count(self, result: Result) -> None:
        self._metrics.probe(result, {UNHEALTHY: int(result.outcome is not Outcome.OK)})


def _response(outcome: Outcome, age: float | None) -> Response:
    return {
        "statusCode": _OK if outcome is Outcome.OK else _UNAVAILABLE,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps({"outcome": outcome, "age": age}),
    }
