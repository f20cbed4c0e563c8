"""Random designs, and ours: the prover finds the states and violations of a second model."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.design.design import (
    Alarm,
    Design,
    Fault,
    FaultKind,
    Probe,
    RecordTarget,
    RegisterPublisher,
    Watcher,
)
from iot_dr.design.reading import designs
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.findings import Violation
from iot_dr.prover.proof import prove
from iot_dr.prover.serving import NORMAL, ONCE, RETURNS, SERVED
from iot_dr.prover.switching import LATCHED, STAYS
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.naive import EVENTS, Naive, State
from tests.iot_dr.rules.designs import our_settings, ours

REGIONS: Final = ("a", "b", "c")
KINDS: Final = (FaultKind.REGION, FaultKind.IOT, FaultKind.API)
OTHERS: Final = ((2, "deep"), (3, "shallow"))
many = pytest.mark.exhaustive
FAULTS: Final = tuple(Fault(region, kind) for region in REGIONS for kind in KINDS)


def alarms(region: str, id_: str) -> st.SearchStrategy[Alarm]:
    """An alarm of a region's switch, kept in any region, good or bad."""
    states = st.sampled_from(["OK", "ALARM", None])
    return st.builds(
        Alarm,
        check=st.builds(
            HealthCheck,
            id=st.just(id_),
            type=st.just("CLOUDWATCH_METRIC"),
            alarm=st.just(id_),
            insufficient_data_status=st.sampled_from(["LastKnownStatus", "Healthy", "Unhealthy"]),
            inverted=st.booleans() if region == "b" else st.just(value=False),
        ),
        region=st.sampled_from(REGIONS),
        switched=st.just(region),
        away=states if region == "b" else st.just("ALARM"),
        back=states if region == "b" else st.just("OK"),
        missing_data=st.sampled_from(["ignore", "ignore", "missing", "breaching", "notBreaching"]),
    )


def some(*faults: Fault) -> st.SearchStrategy[frozenset[Fault]]:
    return st.frozensets(st.sampled_from(faults), min_size=1)


@st.composite
def random_designs(draw: st.DrawFn) -> Design:
    """A pair of records for each region but the last; each uses what was drawn."""
    order = REGIONS[: draw(st.integers(2, 3))]
    own = {region: [fault for fault in FAULTS if fault.place == region] for region in order}
    sites, records = dict[str, RecordTarget](), list[Record]()
    probes, switches, checks = list[Probe](), list[Alarm](), list[HealthCheck]()
    for place, region in enumerate(order):
        faults = draw(some(*own[region][:2]))
        site = RecordTarget(name=region, region=region, fails_on=faults)
        probed = draw(st.one_of(st.just(faults), some(*own[region])))
        probes.append(Probe(check=f"probe {region}", place=region, fails_on=probed))
        checks.append(HealthCheck(id=f"probe {region}", type="TCP"))
        check = draw(st.sampled_from([f"probe {region}", f"both {region}"]))
        if check.startswith("both"):
            kept = [
                draw(alarms(region, f"switch {region} {number}"))
                for number in range(draw(st.integers(1, 2)))
            ]
            switches += kept
            children = (f"probe {region}", *(alarm.check.id for alarm in kept))
            number = draw(st.sampled_from([len(children)] * 3 + [1]))
            checks += [
                *(alarm.check for alarm in kept),
                HealthCheck(id=check, type="CALCULATED", children=children, child_threshold=number),
            ]
        is_last = region == order[-1]
        name = f"name {place - is_last}"
        side = "SECONDARY" if is_last else "PRIMARY"
        record = Record(
            id=region, name=name, routing="failover", side=side, targets=(region,), check=check
        )
        records.append(record)
        sites[region] = site
        if place < len(order) - 2:
            below = Record(
                id=f"below {region}",
                name=name,
                routing="failover",
                side="SECONDARY",
                targets=(f"name {place + 1}",),
                is_alias=True,
                evaluates_target=draw(st.booleans()),
            )
            records.append(below)
    return Design(
        name="name 0",
        evaluation=Evaluation(records, checks),
        sites=sites,
        probes=tuple(probes),
        alarms=tuple(switches),
        watchers=tuple(
            draw(watchers(order[:place], order[place]))
            for place in range(1, len(order))
            if draw(st.booleans())
        ),
        publishers=tuple(draw(publishers(region)) for region in REGIONS if draw(st.booleans())),
        is_latched=draw(st.booleans()),
        primary=draw(st.sampled_from(["a", None])),
    )


def publishers(region: str) -> st.SearchStrategy[RegisterPublisher]:
    """A publisher in a region, which repeats the registers of some switches there."""
    return st.builds(
        RegisterPublisher,
        region=st.just(region),
        switches=st.lists(st.sampled_from(REGIONS), unique=True).map(tuple),
        fails_on=st.frozensets(st.just(Fault(region, FaultKind.API))).map(
            lambda faults: faults | {Fault(region, FaultKind.REGION)}
        ),
    )


def watchers(away: tuple[str, ...], region: str) -> st.SearchStrategy[Watcher]:
    """A watcher of the last of `away`, which puts switches in some regions, good or bad."""
    faults = [fault for fault in FAULTS if fault.place == away[-1]]
    return st.builds(
        Watcher,
        region=st.just(region),
        away=st.just(away),
        alarm_regions=st.tuples(
            *(st.lists(st.sampled_from(REGIONS), unique=True).map(tuple) for _ in away)
        ),
        follows=st.booleans(),
        fails_on=st.just(frozenset({Fault(region, FaultKind.REGION)})),
        sees=some(*faults),
        blind_with=st.just(frozenset({Fault(region, FaultKind.IOT)})),
        registers=st.frozensets(st.sampled_from(REGIONS)),
    )


def check(design: Design) -> None:
    proof, naive = prove(design), Naive(design)
    violated = {violation.property: violation for violation in proof.violations}
    if NORMAL in violated:
        return
    levels = naive.levels()
    assert proof.states == sum(map(len, levels))
    unserved = [depth for depth, level in enumerate(levels) if not all(map(naive.is_served, level))]
    assert (SERVED in violated) == bool(unserved)
    if unserved:
        assert len(violated[SERVED].events) == unserved[0]
    lost = [depth for depth, level in enumerate(levels) if not all(map(naive.returns, level))]
    assert (RETURNS in violated) == bool(lost)
    if lost:
        assert len(violated[RETURNS].events) == lost[0] + 1
    check_moves(violated, naive, levels)
    most = 0 if design.is_latched else 2
    moves = map(naive.moves, design.faults)
    assert (ONCE in violated) == any(
        first > 1 or (first and later > most) for first, later in moves
    )


def check_moves(
    violated: Mapping[str, Violation], naive: Naive, levels: Sequence[Collection[State]]
) -> None:
    for name, kinds in ((STAYS, {"silence", "forget"}), (LATCHED, {"ends"})):
        left = [
            depth
            for depth, level in enumerate(levels[:-1])
            for state in level
            if any(naive.leaves(state, each) for each in naive.events(state) if each[0] in kinds)
        ]
        assert (name in violated) == bool(left)
        if left:
            assert len(violated[name].events) == min(left) + 1


@given(design=random_designs())
def test_states_and_violations_are_those_of_the_second_model(design: Design) -> None:
    check(design)


@pytest.mark.parametrize(
    ("regions", "mode"),
    [(2, "shallow"), (3, "deep"), *(pytest.param(*case, marks=many) for case in OTHERS)],
)
def test_our_environments_have_the_states_of_the_second_model(regions: int, mode: str) -> None:
    resources = ResourceSet(
        read_configuration(*stack) for stack in ours(regions=regions, mode=mode).items()
    )
    (design,) = designs(resources, design_expectation(our_settings(regions=regions, mode=mode)))
    assert prove(design).states == sum(map(len, Naive(design).levels()))


def test_no_sequence_is_shorter_or_longer_than_the_bound() -> None:
    """Seven switches, each of which one event moves: the last state needs one event too many."""
    switches = tuple(
        Alarm(
            check=HealthCheck(id=f"{number}", type="CLOUDWATCH_METRIC", alarm=f"{number}"),
            region=None,
            switched=f"{number}",
            away="ALARM",
            back="OK",
            missing_data="missing",
        )
        for number in range(EVENTS + 1)
    )
    records = [
        Record(id=side, name="name", routing="failover", side=side, targets=(side,))
        for side in ("PRIMARY", "SECONDARY")
    ]
    design = Design(
        name="name",
        evaluation=Evaluation(records, [switch.check for switch in switches]),
        sites={
            record.id: RecordTarget(name=record.id, region=None, fails_on=frozenset())
            for record in records
        },
        probes=(),
        alarms=switches,
    )
    levels = Naive(design).levels(EVENTS + 1)
    assert levels[-1]
    assert prove(design).states == sum(map(len, levels[:-1]))
