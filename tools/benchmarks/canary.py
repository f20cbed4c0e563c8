"""Measures how soon the canary answers, and how a flood affects the health checkers."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from environments.selection import load_all
from iot_dr.cli.text import columns
from iot_dr.generate.synthesis import synthesize
from modules.stack_names import stack_name
from tools.benchmarks.canary_answers import from_memory, while_it_hangs
from tools.benchmarks.canary_flood import ACCOUNT, Throttles, flood
from tools.benchmarks.environment_files import FOLDER
from tools.benchmarks.target import Target

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
