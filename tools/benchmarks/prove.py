"""Measures the prover on two to five regions with device data, next to random sequences of events.

hypothesis draws as many sequences as it does in a test, of the same length, and each is walked with
the same machine. Times are CPU seconds of this process. A last row has 10,000 records of one zone.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import process_time
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from iot_dr.cli.text import columns
from iot_dr.design.design import Design
from iot_dr.design.reading import designs
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.machine import Machine
from iot_dr.prover.proof import prove
from iot_dr.prover.proofs import proofs
from iot_dr.prover.search import MOST_EVENTS, MOST_FAULTS, search
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.test_hand_written import design as pair
from tests.iot_dr.rules.designs import our_settings, ours_with_data
from tests.support.settings import with_data
from tools.benchmarks.target import Target

_REGIONS: Final = range(2, 6)
_SEQUENCES: Final = 100
_NAMES: Final = 5_000
_TARGET: Final = Target(10, is_upper=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Median CPU seconds for one number of regions, and what each method has visited in them."""

    regions: int
    read: float
    prove: float
    states: int
    transitions: int
    drawing: float
    drawn_states: int

    @property
    def rate(self) -> float:
        """States that the prover visits in a second."""
        return self.states / self.prove

    @property
    def drawn_rate(self) -> float:
        """States that hypothesis visits in a second."""
        return self.drawn_states / self.drawing


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; takes about half a minute."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.prove",
        description="Measure the prover, and hypothesis on the same designs.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each case")
    options = parser.parse_args(arguments)
    measured = [_measured(regions, options.rounds) for regions in _REGIONS]
    many = _many(options.rounds)
    if options.json:
        document = {"regions": [asdict(each) for each in measured], "records_seconds": many}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(_text(measured, many) + "\n")


def _measured(regions: int, rounds: int) -> Measured:
    documents, chosen = ours_with_data(regions), with_data(our_settings(regions))

    def read() -> Design:
        resources = ResourceSet(read_configuration(*each) for each in documents.items())
        return next(iter(designs(resources, design_expectation(chosen))))

    design = read()
    proof = prove(design)
    drawn = set[object]()
    return Measured(
        regions=regions,
        read=_seconds(read, rounds),
        prove=_seconds(lambda: search(design), rounds),
        states=proof.states,
        transitions=proof.transitions,
        drawing=_seconds(lambda: _draw(design, drawn), rounds),
        drawn_states=len(drawn),
    )


def _draw(design: Design, drawn: set[object]) -> None:
    """Replace what was drawn by the states of hypothesis's sequences."""
    machine = Machine(design)
    drawn.clear()
    drawn.add(machine.start.state)

    @settings(
        max_examples=_SEQUENCES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.integers(0, 10_000), max_size=MOST_EVENTS))
    def walk(numbers: list[int]) -> None:
        state = machine.start.state
        for number in numbers:
            events = list(machine.events(state, MOST_FAULTS))
            state = machine.after(state, events[number % len(events)]).state
            drawn.add(state)

    walk()


def _many(rounds: int) -> float:
    """Return the seconds to read and prove 5,000 failover names, 10,000 records, of one zone."""
    document = pair()
    records = document["resource"]["aws_route53_record"]
    for number in range(_NAMES):
        for key in ("west", "central"):
            name = f"device{number}.iot.example.com"
            records[f"{key}_{number}"] = {**records[key], "name": name}

    def run() -> None:
        proofs(ResourceSet([read_configuration("dns", document)]))

    return _seconds(run, rounds)


def _seconds(run: Callable[[], object], rounds: int) -> float:
    return median(_once(run) for _ in range(rounds))


def _once(run: Callable[[], object]) -> float:
    start = process_time()
    run()
    return process_time() - start


def _text(measured: Iterable[Measured], many: float) -> str:
    head = (
        *("REGIONS", "READ S", "PROVE S", "STATES", "TRANSITIONS", "STATES/S"),
        *("HYPOTHESIS S", "ITS STATES", "ITS STATES/S"),
    )
    rows = [
        (
            *(str(row.regions), f"{row.read:.2f}", f"{row.prove:.2f}", str(row.states)),
            *(str(row.transitions), f"{row.rate:.0f}", f"{row.drawing:.2f}"),
            *(str(row.drawn_states), f"{row.drawn_rate:.0f}"),
        )
        for row in measured
    ]
    met = "met" if _TARGET.is_met_by(many) else "not met"
    return (
        f"{columns([head, *rows], numbers=True)}\n\n"
        f"hypothesis: {_SEQUENCES} sequences of up to {MOST_EVENTS} events\n"
        f"seconds for {2 * _NAMES} records of one zone: {many:.1f} (target {_TARGET}: {met})"
    )


if __name__ == "__main__":
    main()
