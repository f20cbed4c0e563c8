"""Names with thousands of records and alarms: how much work a proof does, and when it stops."""

from collections.abc import Iterator, Mapping

import pytest

from iot_dr.design.design import Alarm, Design, RecordTarget
from iot_dr.prover.proof import prove
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record


class CountedStates(Mapping[str, bool]):
    """Healthy checks, and how many of them were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __getitem__(self, id_: str) -> bool:
        self.asked += 1
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def records(number: int) -> list[Record]:
    return [
        Record(
            id=f"record{index}",
            name="mqtt",
            routing="failover",
            side="SECONDARY" if index else "PRIMARY",
            targets=(f"host{index}",),
            check=f"check{index}",
        )
        for index in range(number)
    ]


@pytest.mark.parametrize("number", [2, 2_000])
def test_a_healthy_primary_is_answered_without_the_checks_of_the_others(number: int) -> None:
    states = CountedStates()
    answer = Evaluation(records(number), ()).answer("mqtt", states)
    assert (answer.leads_to, states.asked) == ("host0", 1)
    assert len(answer.decisions[0].records) == number


def test_a_design_with_too_many_switches_for_a_search_is_not_proved() -> None:
    checks = [HealthCheck(id=f"check{index}", type="CLOUDWATCH_METRIC") for index in range(2_500)]
    named = records(len(checks))
    design = Design(
        name="mqtt",
        evaluation=Evaluation(named, checks),
        sites={
            record.id: RecordTarget(name=record.target, region=None, fails_on=frozenset())
            for record in named
        },
        probes=(),
        alarms=tuple(
            Alarm(
                check=check,
                region="eu-west-1",
                switched=record.target,
                away="ALARM",
                back="OK",
                missing_data="ignore",
            )
            for record, check in zip(named, checks, strict=True)
        ),
    )
    proof = prove(design)
    assert not proof.is_complete
    assert not proof.is_proved
    assert proof.states == 1
