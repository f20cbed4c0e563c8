"""API Gateway's throttles as a model, and what a flood leaves of them for the health checkers.

Nothing here calls AWS. The model follows its documentation: a token bucket for the account in each
region, one for each route with the stage's settings, 429 if either is empty, 404 for a path without
a route. Which buckets a request without a route uses is not documented; here it uses the account's,
which is the worst case for everybody else. Sources, below
docs.aws.amazon.com/apigateway/latest/developerguide: http-api-throttling.html, limits.html,
http-api-develop-routes.html.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any

_CHECKERS = 16
_INTERVAL = 10
_ROUTE, _NO_ROUTE = "GET /health/{secret}", "GET /health/{guess}"


@dataclass(frozen=True)
class Limit:
    """Requests a second, and the burst."""

    rate: float
    burst: float


# The default of most regions; in thirteen newer ones it is a quarter of that: limits.html.
ACCOUNT = Limit(10_000, 5_000)


@dataclass(frozen=True)
class Throttles:
    """The limits of a stage: of the checkers' route, and of routes without settings."""

    checkers: Limit
    others: Limit

    @classmethod
    def read(cls, file: Path) -> "Throttles":
        """Read the limits of the health API in a regional stack's synthesized JSON."""
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        stage = document["resource"]["aws_apigatewayv2_stage"]["health"]
        (checkers,) = stage["route_settings"]
        return cls(_limit(checkers), _limit(stage["default_route_settings"]))


def _limit(settings: Mapping[str, float]) -> Limit:
    return Limit(settings["throttling_rate_limit"], settings["throttling_burst_limit"])


class _Bucket:
    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._tokens, self._last = limit.burst, 0.0

    def take(self, now: float) -> bool:
        filled = self._tokens + (now - self._last) * self._limit.rate
        self._tokens, self._last = min(self._limit.burst, filled), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Gateway:
    """A stage in an account; `catch_all` routes every path like the checkers'."""

    def __init__(self, throttles: Throttles, *, catch_all: bool = False) -> None:
        self._account = _Bucket(ACCOUNT)
        self._checkers = _Bucket(throttles.checkers)
        self._catch_all = catch_all

    def status(self, now: float, request: str) -> int:
        """Answer a request at a time in seconds; times must not decrease."""
        if not self._account.take(now):
            return 429
        if request != _ROUTE and not self._catch_all:
            return 404
        return 200 if self._checkers.take(now) else 429


@dataclass(frozen=True)
class Flood:
    """The answers to the checkers during a flood."""

    asked: int
    refused: int


def flood(throttles: Throttles, rate: float, seconds: float, *, catch_all: bool = False) -> Flood:
    """Send `rate` requests a second to other paths, half of them guesses, while checkers call."""
    gateway = Gateway(throttles, catch_all=catch_all)
    asked = refused = 0
    for now, request in merge(_checkers(seconds), _strangers(rate, seconds)):
        status = gateway.status(now, request)
        if request == _ROUTE:
            asked += 1
            refused += status == 429  # noqa: PLR2004 - the status says what it is
    return Flood(asked, refused)


def _checkers(seconds: float) -> Iterator[tuple[float, str]]:
    # All of them at the same instant: no other phase is worse for a bucket.
    for round_ in range(int(seconds / _INTERVAL)):
        for _ in range(_CHECKERS):
            yield round_ * _INTERVAL + _INTERVAL / 2, _ROUTE


def _strangers(rate: float, seconds: float) -> Iterator[tuple[float, str]]:
    dice = random.Random(5)  # noqa: S311 - a simulation, the same each time
    now = 0.0
    while (now := now + dice.expovariate(rate)) < seconds:
        yield now, dice.choice([_NO_ROUTE, "GET /"])
