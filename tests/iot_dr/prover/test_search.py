"""What is searched once: the failover of a design, whatever becomes of its data."""

from dataclasses import replace

import pytest

from iot_dr.design.design import Design, Fault, FaultKind, Probe, Site
from iot_dr.prover.proof import prove
from iot_dr.prover.search import searched
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record

REGIONS = {"PRIMARY": "eu-west-1", "SECONDARY": "eu-central-1"}
RECORDS = [
    Record(id=side, name="mqtt", routing="failover", side=side, targets=(side,), check=side)
    for side in REGIONS
]


def design() -> Design:
    """Two regions, each with a check that sees its loss."""
    lost = {side: frozenset({Fault(each, FaultKind.REGION)}) for side, each in REGIONS.items()}
    return Design(
        name="mqtt",
        evaluation=Evaluation(RECORDS, [HealthCheck(id=side, type="HTTPS") for side in REGIONS]),
        sites={
            side: Site(name=side, region=region, fails_on=lost[side])
            for side, region in REGIONS.items()
        },
        probes=tuple(
            Probe(check=side, place=region, fails_on=lost[side]) for side, region in REGIONS.items()
        ),
    )


def test_a_design_that_differs_in_its_data_is_not_searched_again() -> None:
    right, lossy = design(), replace(design(), lost=("policies do not arrive",))
    assert searched(lossy) is searched(right)
    assert (prove(right).verdict, prove(lossy).verdict) == ("proved", "disproved")
    assert [str(each) for each in prove(lossy).violations] == ["policies do not arrive"]


CHANGED = {
    "checks that see nothing": replace(
        design(), probes=tuple(replace(each, fails_on=frozenset()) for each in design().probes)
    ),
    "a record that Route 53 refuses": replace(design(), refused=("Route 53 refuses it",)),
    "latching, without a watcher": replace(design(), is_latched=True),
    "another primary": replace(design(), primary=REGIONS["SECONDARY"]),
    "a region without a record": replace(design(), regions=(*REGIONS.values(), "eu-north-1")),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_design_that_differs_in_its_failover_is_searched_again(change: str) -> None:
    assert searched(design()).violations == ()
    assert prove(CHANGED[change]).verdict == "disproved"
