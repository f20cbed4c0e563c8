"""What is searched once: the failover of a design, whatever becomes of its data."""

import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import product
from typing import Any, cast

import pytest

from iot_dr.design.design import Alarm, Design, Fault, FaultKind, Probe, RecordTarget
from iot_dr.prover.proof import prove
from iot_dr.prover.search import search, searched
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record
from iot_dr.route53.terraform_checks import DeclaredCheck
from tests.iot_dr.prover.test_registers import design as environment

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
            side: RecordTarget(name=side, region=region, fails_on=lost[side])
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


def below(routing: str) -> Design:
    """An alias of the PRIMARY to a name of two records of a region."""
    top = replace(RECORDS[0], targets=("low",), is_alias=True, evaluates_target=True, check="")
    two = [
        replace(RECORDS[0], id=id_, name="low", routing=routing, side="") for id_ in ("one", "two")
    ]
    right = design()
    sites = {**right.sites, "one": right.sites["PRIMARY"], "two": right.sites["PRIMARY"]}
    del sites["PRIMARY"]
    return replace(right, evaluation=with_records([top, RECORDS[1], *two]), sites=sites)


def with_records(records: Iterable[Record]) -> Evaluation:
    return Evaluation(records, design().evaluation.checks.values())


def switched(*switches: str) -> Design:
    """A switch of each region, of which the check of each side asks one; the alarms are alike."""
    checks = [
        check
        for side, switch in zip(REGIONS, switches, strict=True)
        for check in (
            HealthCheck(
                id=f"{side}-all", type="CALCULATED", children=(side, switch), child_threshold=2
            ),
            HealthCheck(id=side, type="HTTPS"),
            HealthCheck(id=switch, type="CLOUDWATCH_METRIC"),
        )
    ]
    asking = [replace(record, check=f"{record.side}-all") for record in RECORDS]
    alarms = (
        Alarm(
            check=HealthCheck(id=region, type="CLOUDWATCH_METRIC", alarm="alarm"),
            region="eu-north-1",
            switched=region,
            away="ALARM",
            back="OK",
            missing_data="ignore",
        )
        for region in REGIONS.values()
    )
    return replace(design(), evaluation=Evaluation(asking, checks), alarms=tuple(alarms))


WEST, CENTRAL = REGIONS.values()
ALIKE = {
    "records below without a routing policy": (below("weighted"), below("")),
    "switches of the other region": (switched(WEST, CENTRAL), switched(CENTRAL, WEST)),
    "sides with one target": (
        switched(WEST, CENTRAL),
        replace(
            switched(WEST, CENTRAL),
            evaluation=Evaluation(
                [
                    replace(record, check=f"{record.side}-all", targets=("PRIMARY",))
                    for record in RECORDS
                ],
                switched(WEST, CENTRAL).evaluation.checks.values(),
            ),
        ),
    ),
}


@pytest.mark.parametrize("change", ALIKE)
def test_a_wrong_design_that_looks_like_a_right_one_is_searched_again(change: str) -> None:
    right, wrong = ALIKE[change]
    assert searched(right).violations == ()
    assert searched(wrong).violations


@pytest.mark.parametrize(
    ("argument", "value"),
    [("disabled", True), ("inverted", True), ("type", "CALCULATED"), ("children", ("SECONDARY",))],
)
def test_a_check_that_differs_is_another_structure(argument: str, value: object) -> None:
    changes: dict[str, Any] = {argument: value}
    checks = [
        replace(check, **changes) if check.id == "PRIMARY" else check
        for check in design().evaluation.checks.values()
    ]
    assert searched(design()) is searched(design())
    assert searched(replace(design(), evaluation=Evaluation(RECORDS, checks))) is not searched(
        design()
    )


def test_names_whose_checks_differ_in_time_alone_are_searched_once() -> None:
    named = [
        replace(record, name="other", check=f"{record.side}-2", targets=(f"{record.side}-2",))
        for record in RECORDS
    ]
    checks = [HealthCheck(id=f"{side}-2", type="HTTPS", interval=10) for side in REGIONS]
    probes = tuple(replace(each, check=f"{each.check}-2") for each in design().probes)
    other = replace(design(), name="other", evaluation=Evaluation(named, checks), probes=probes)
    assert searched(other) is searched(design())


class _Plan:
    """What a resource of a plan refers to."""


def test_a_result_that_is_kept_keeps_no_resource_in_memory() -> None:
    resource = _Plan()
    checks = [
        DeclaredCheck(id=side, type="TCP", resource=cast("Any", resource)) for side in REGIONS
    ]
    read = replace(design(), evaluation=Evaluation(RECORDS, checks))
    assert searched(read).violations == ()
    reference = weakref.ref(resource)
    del resource, checks, read
    assert reference() is None


def swapped(parts: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield parts of one kind, of which one has one field of another one."""
    for (place, part), other in product(enumerate(parts), parts):
        for field in fields(part):
            value = getattr(other, field.name)
            if value != getattr(part, field.name):
                changed = replace(part, **{field.name: value})
                yield [*parts[:place], changed, *parts[place + 1 :]]


def test_a_field_that_decides_is_part_of_the_structure() -> None:
    right = environment(2)
    checks = [*right.evaluation.checks.values()]
    records = [record for named in right.evaluation.records.values() for record in named]
    changed: list[Design] = [
        *(replace(right, evaluation=Evaluation(each, checks)) for each in swapped(records)),
        *(replace(right, evaluation=Evaluation(records, each)) for each in swapped(checks)),
    ]
    for kind in ("probes", "alarms", "watchers", "publishers"):
        for of_kind in swapped(getattr(right, kind)):
            parts: dict[str, Any] = {kind: tuple(of_kind)}
            changed.append(replace(right, **parts))
    kept = searched(right)
    alike = [each for each in changed if searched(each) is kept]
    assert len(changed) > len(alike) > 0
    assert all(search(each) == kept for each in alike)
