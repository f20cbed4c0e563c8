"""Measures `iot-dr registry seed` and `diff` beside a plain loop with boto3 that does the same."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from benchmarks import registry_loop
from benchmarks.registry_fleet import Region, put_fleet, regions, write_down
from benchmarks.table import table
from benchmarks.target import Target
from iot_dr.registry.bringing import Bringing, End
from iot_dr.registry.diff import Diff
from iot_dr.registry.ledger import ledger
from iot_dr.registry.one_shadow import OneShadow
from iot_dr.registry.pace import Pace
from iot_dr.registry.reading import Reading
from iot_dr.registry.seed import Seed

# No quota holds the emulator back, nor the peer; with AWS's, both wait for the same ones.
_RATE = 1_000_000.0
_NOTE = """
Both ask two regions over HTTP, each an emulator in a process of its own that answers one request at
a time, behind a relay that adds the round trip. Ours also reads and writes the rows of the table,
in which the source's stand as in a fleet that runs; the loop does not, keeps all in memory, and
cannot go on after an interruption. On AWS the quotas bound both: what ours gains is to reach them.
"""


@dataclass(frozen=True)
class Claim:
    """Seconds of ours and of the peer in one run, and how many times faster ours is."""

    claim: str
    ours: float
    peer: float
    ratio: float
    target: Target


class UnequalError(Exception):
    """The regions are not equal after a copy, so that its time says nothing."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; takes about five minutes on two busy cores."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.registry",
        description="Measure seed and diff of registries beside a plain boto3 loop.",
        epilog="example: python -m benchmarks.registry --things 50 --json > registry.json",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--things", type=int, default=100, metavar="N", help="default 100")
    parser.add_argument(
        "--round-trip", type=float, default=30, metavar="MS", help="milliseconds (default 30)"
    )
    options = parser.parse_args(arguments)
    claims = measured(options.things, options.round_trip / 1000)
    rows = [{**asdict(each), "met": each.target.is_met_by(each.ratio)} for each in claims]
    sys.stdout.write((json.dumps(rows, indent=2) if options.json else _text(claims)) + "\n")


def measured(things: int, round_trip: float) -> list[Claim]:
    """Measure seed and diff, ours and the peer's, each on regions of its own."""
    times: dict[str, tuple[float, float]] = {}
    for name, copy, compare in (
        ("ours", _seed, _diff),
        ("boto3", registry_loop.copy, registry_loop.compare),
    ):
        with regions(round_trip) as (source, target):
            put_fleet(source, things)
            write_down(source)
            copying = _seconds(f"{name}: copy", lambda: copy(source, target))  # noqa: B023 - at once
            comparing = _seconds(f"{name}: compare", lambda: _equal(compare, source, target))  # noqa: B023 - at once
            times[name] = copying, comparing
    (seed, diff), (copied, compared) = times["ours"], times["boto3"]
    return [
        Claim(f"seed, {things} things", seed, copied, copied / seed, Target(1.5)),
        Claim(f"diff, {things} things", diff, compared, compared / diff, Target(5)),
    ]


def _seconds(what: str, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    sys.stderr.write(f"  {what}: {seconds:.1f} s\n")
    return seconds


def _equal(compare: Callable[[Region, Region], bool], one: Region, other: Region) -> None:
    if not compare(one, other):
        raise UnequalError


def _reading(region: Region) -> Reading:
    for client in region.iot, region.iot_data:
        Pace(_RATE).hold(client)
    read_alone = replace(region, iot_data=OneShadow(region.iot_data))
    return Reading(registry=read_alone.access())


def _seed(source: Region, target: Region) -> None:
    ends = [
        End(region=each.name, access=each.access(), log=each.log()) for each in (source, target)
    ]
    with ledger(None, {}) as book:
        seed = Seed(
            bringing=Bringing(source=ends[0], target=ends[1], by="benchmark"),
            ledger=book,
            source=_reading(source),
            target=_reading(target),
        )
        seed.run()
        if left := book.reasons(3):
            raise UnequalError(left)


def _diff(one: Region, other: Region) -> bool:
    readings = {each.name: _reading(each) for each in (one, other)}
    with ledger(None, {}) as book:
        return Diff(readings=readings, ledger=book).run().is_equal


def _text(claims: Sequence[Claim]) -> str:
    head = ("CLAIM", "OURS", "BOTO3 LOOP", "RATIO", "TARGET", "MET")
    rows = [
        (
            each.claim,
            f"{each.ours:.1f} s",
            f"{each.peer:.1f} s",
            f"{each.ratio:.1f}",
            str(each.target),
            "yes" if each.target.is_met_by(each.ratio) else "no",
        )
        for each in claims
    ]
    return f"{table(head, rows)}\n{_NOTE.rstrip()}"


if __name__ == "__main__":
    main()
