"""Measures how soon the canary answers, and how a flood affects the health checkers.

Nothing here calls AWS. The model of API Gateway's throttles follows its documentation: a token
bucket for the account in each region, one for each route with the stage's settings, 429 if either
is empty, 404 for a path without a route. Which buckets a request without a route uses is not
documented; here it uses the account's, which is the worst case for everybody else. Sources, below
docs.aws.amazon.com/apigateway/latest/developerguide: http-api-throttling.html, limits.html,
http-api-develop-routes.html.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from environments.selection import load_all
from iot_dr.cli.text import columns
from iot_dr.generate.synthesis import synthesize
from modules.stack_names import stack_name
from tools.benchmarks.canary_answers import from_memory, while_it_hangs
from tools.benchmarks.environment_files import FOLDER
from tools.benchmarks.target import Target

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


_MEMORY_ANSWERS = 200_000
_PROCESSES = 30
_FLOOD = 5_000
_FLOOD_SECONDS = 300
_NOTE = f"""
API Gateway is a model here, after AWS's documentation: nothing was asked of AWS. The throttles of
the health route are those of the core's synthesized stack. All requests, those without a route
included, are taken to count against the account's quota in the region, which all its APIs share:
{ACCOUNT.rate:,} a second and bursts of {ACCOUNT.burst:,}, in some newer regions a quarter of it. A
flood above it reaches the checkers whatever a stage says. The last two rows show that the model
can refuse them."""


@dataclass(frozen=True)
class Claim:
    """A measured value with its unit and its bound."""

    claim: str
    ours: float
    unit: str
    target: Target

    @property
    def is_met(self) -> bool:
        """Whether the claim is true."""
        return self.target.is_met_by(self.ours)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; takes about 80 s."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.canary",
        description="Measure how soon the canary answers, and its checkers' path under a flood.",
        epilog="example: python -m tools.benchmarks.canary --requests 3000 --json > canary.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument(
        "--requests",
        type=int,
        default=2_000,
        metavar="N",
        help="requests while what is probed hangs (default 2000, the least for a 99.9th"
        " percentile that two requests may miss)",
    )
    options = parser.parse_args(arguments)
    claims = [*_answers(options.requests), *_flood(_throttles())]
    rows = [{**asdict(each), "met": each.is_met} for each in claims]
    sys.stdout.write((json.dumps(rows, indent=2) if options.json else _text(claims)) + "\n")


def _answers(requests: int) -> list[Claim]:
    # First, because it forks: each fork of a process with Node would keep a Node process.
    sys.stderr.write(f"  {requests} requests while the broker hangs\n")
    hanging = while_it_hangs(requests, _PROCESSES)
    sys.stderr.write(f"  {_MEMORY_ANSWERS} answers from memory\n")
    memory = from_memory(_MEMORY_ANSWERS)
    soon, late, never = Target(5, is_upper=True), Target(2, is_upper=True), _none()
    return [
        Claim("answer from memory, median", 1000 * memory.median, "ms", soon),
        Claim("answer from memory, p99.9", 1000 * memory.tail, "ms", soon),
        Claim("answer while IoT hangs, median", hanging.median, "s", late),
        Claim("answer while IoT hangs, p99.9", hanging.tail, "s", late),
        Claim("200 answered while IoT hangs", hanging.well, "", never),
    ]


def _throttles() -> Throttles:
    (settings,) = load_all("core", {}, FOLDER)
    with TemporaryDirectory() as folder:
        synthesize([settings], Path(folder) / "out")
        stack = stack_name(settings.environment, "iot", settings.primary_region)
        return Throttles.read(Path(folder) / "out" / "stacks" / stack / "cdk.tf.json")


def _flood(throttles: Throttles) -> list[Claim]:
    sys.stderr.write(f"  a flood of {_FLOOD_SECONDS} s\n")
    ours = flood(throttles, _FLOOD, _FLOOD_SECONDS)
    shared = flood(throttles, _FLOOD, _FLOOD_SECONDS, catch_all=True)
    above = flood(throttles, 1.2 * ACCOUNT.rate, _FLOOD_SECONDS / 10)
    some = Target(1)
    return [
        Claim(f"429 to {ours.asked} checks, {_FLOOD:,}/s elsewhere", ours.refused, "", _none()),
        Claim(f"429 to {shared.asked} checks, one route for all", shared.refused, "", some),
        Claim(f"429 to {above.asked} checks, 12,000/s elsewhere", above.refused, "", some),
    ]


def _none() -> Target:
    return Target(0, is_upper=True)


def _text(claims: Sequence[Claim]) -> str:
    head = ("CLAIM", "OURS", "TARGET", "MET")
    rows = [
        (
            claim.claim,
            f"{claim.ours:.3g} {claim.unit}".strip(),
            f"{claim.target} {claim.unit}".strip(),
            "yes" if claim.is_met else "no",
        )
        for claim in claims
    ]
    return f"{columns([head, *rows], numbers=True)}\n{_NOTE}"


if __name__ == "__main__":
    main()
