"""Devices move only with a cause, and back only by an operator: designs of two, three and five."""

from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.test_environments import CENTRAL, ENTRY_POINT, Documents, documents
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

ALARM, CHECK = "aws_cloudwatch_metric_alarm", "aws_route53_health_check"
STAYS = "ten minutes without data move no devices"
LATCHED = "with latching, the end of a failure moves no devices"
Change = Callable[[Documents], None]
# What more regions show of a latch is in the tests of a second failure and of a second watcher.
many = pytest.mark.exhaustive


def proof_of(  # noqa: PLR0913 - the settings that a latch depends on
    synthesis: Synthesis,
    change: Change,
    count: int,
    mode: str = "deep",
    *,
    is_auto: bool = False,
    primary: str = REGIONS[0],
) -> Proof:
    """Return the proof of an environment as synthesized, with a change."""
    chosen = settings(
        regions=list(REGIONS[:count]),
        primary_region=primary,
        health={"mode": mode},
        recovery={"fail_back": "auto" if is_auto else "latched"},
    )
    stacks = documents(synthesis, chosen)
    stacks = {name: {**stack, "resource": _copied(stack)} for name, stack in stacks.items()}
    change(stacks)
    resources = ResourceSet(read_configuration(*each) for each in stacks.items())
    (proof,) = proofs(resources, design_expectation(chosen))
    return proof


def _copied(stack: dict[str, Any]) -> dict[str, Any]:
    return {
        type_: {id_: dict(values) for id_, values in of_type.items()}
        for type_, of_type in stack.get("resource", {}).items()
    }


def every(type_: str, prefix: str, **values: object) -> Change:
    """Set arguments of every resource whose logical id begins with a prefix."""

    def change(stacks: Documents) -> None:
        changed = [
            resource
            for stack in stacks.values()
            for id_, resource in stack["resource"].get(type_, {}).items()
            if id_.startswith(prefix)
        ]
        assert changed
        for resource in changed:
            resource.update(values)

    return change


def watcher_off(place: int) -> Change:
    """Disable the schedule of the watcher in a region."""
    return every("aws_cloudwatch_event_rule", f"watcher_{_slot(place)}", state="DISABLED")


def without_watcher(place: int) -> Change:
    def change(stacks: Documents) -> None:
        del stacks[ENTRY_POINT]["resource"]["aws_lambda_function"][f"watcher_{_slot(place)}"]

    return change


def _slot(place: int) -> str:
    return REGIONS[place].replace("-", "_")


@pytest.mark.parametrize(
    ("count", "is_auto"),
    [(2, False), (2, True), *(pytest.param(*case, marks=many) for case in ((3, True), (5, False)))],
)
@pytest.mark.parametrize(
    "change",
    [
        every(ALARM, "switch_", treat_missing_data="breaching"),
        every(ALARM, "switch_eu_west_1", treat_missing_data="breaching"),
        every(CHECK, "switch_eu_west_1", insufficient_data_health_status="Healthy"),
        every(ALARM, "switch_eu_west_1", treat_missing_data="notBreaching"),
    ],
)
def test_a_switch_that_moves_devices_in_silence_is_disproved(
    change: Change, count: int, is_auto: bool, synthesis: Synthesis
) -> None:
    proof = proof_of(synthesis, change, count, is_auto=is_auto)
    moved = [str(each) for each in proof.violations if each.property == STAYS]
    assert [each for each in moved if "ten minutes pass without data: mqtt" in each]


@pytest.mark.parametrize("mode", ["deep", pytest.param("shallow", marks=many)])
@pytest.mark.parametrize(
    ("count", "change"),
    [
        (2, watcher_off(1)),
        (2, without_watcher(1)),
        (3, watcher_off(1)),
        (3, watcher_off(2)),
        (3, without_watcher(2)),
        (3, every("aws_lambda_function", f"watcher_{_slot(2)}", reserved_concurrent_executions=0)),
        *(pytest.param(5, watcher_off(place), marks=many) for place in (2, 3)),
    ],
)
def test_a_failure_that_nobody_latches_is_disproved(
    count: int, change: Change, mode: str, synthesis: Synthesis
) -> None:
    proof = proof_of(synthesis, change, count, mode)
    assert LATCHED in {each.property for each in proof.violations}


def test_a_second_failure_that_is_not_latched_is_shown_by_a_shortest_sequence(
    synthesis: Synthesis,
) -> None:
    (violation,) = proof_of(synthesis, watcher_off(2), 3, "shallow").violations
    assert str(violation) == (
        "eu-central-1: AWS IoT refuses connections, then eu-west-1: AWS IoT refuses connections,"
        " then that ends (eu-central-1: AWS IoT refuses connections): mqtt.iot-dev.example.com"
        " leads to eu-central-1, no longer to eu-north-1"
    )


@pytest.mark.parametrize(
    ("mode", "change"),
    [
        ("deep", every(CHECK, "deep", disabled=True)),
        ("shallow", every(CHECK, "tcp", disabled=True)),
    ],
)
def test_disabled_checks_are_disproved_though_a_watcher_sees_the_failure(
    mode: str, change: Change, synthesis: Synthesis
) -> None:
    (violation, *_) = proof_of(synthesis, change, 2, mode).violations
    assert violation.events[0] == "eu-central-1: Lambda fails"
    assert "which does not serve" in violation.observed


def test_a_disabled_check_that_no_record_uses_is_noted(synthesis: Synthesis) -> None:
    def change(stacks: Documents) -> None:
        stacks[CENTRAL]["resource"][CHECK]["deep"]["disabled"] = True

    proof = proof_of(synthesis, change, 2)
    assert [str(note) for note in proof.notes if "disabled" in str(note)] == [
        "aws_route53_health_check.deep is disabled: it is healthy whatever it checks"
    ]


@pytest.mark.parametrize(
    ("count", "mode"),
    [
        *((2, "shallow"), (2, "deep")),
        *(pytest.param(count, "deep", marks=many) for count in (3, 5)),
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        every(ALARM, "switch_", alarm_description="another"),
        every(ALARM, "switch_", datapoints_to_alarm=1),
        every(ALARM, "switch_", period=300),
        every(ALARM, "switch_", treat_missing_data="missing"),
        every("aws_lambda_function", "watcher_", memory_size=512),
        every("aws_cloudwatch_event_rule", "watcher_", schedule_expression="cron(* * * * ? *)"),
        every(CHECK, "switch_", insufficient_data_health_status=None),
    ],
)
def test_a_change_that_moves_nobody_is_proved(
    change: Change, count: int, mode: str, synthesis: Synthesis
) -> None:
    proof = proof_of(synthesis, change, count, mode)
    assert not proof.violations, "\n".join(map(str, proof.violations))
    # Alarms that forget without data have more states in five regions than a proof visits.
    assert proof.is_proved or (count == 5 and not proof.is_complete)


@pytest.mark.parametrize(
    ("count", "primary"), [(4, 2), *(pytest.param(5, each, marks=many) for each in (1, 2, 3, 4))]
)
def test_any_primary_is_proved_and_each_watcher_follows_the_answer(
    count: int, primary: int, synthesis: Synthesis
) -> None:
    chosen = settings(regions=list(REGIONS[:count]), primary_region=REGIONS[primary])
    stacks = documents(synthesis, chosen)
    resources = ResourceSet(read_configuration(*each) for each in stacks.items())
    (proof,) = proofs(resources, design_expectation(chosen))
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert not proof.notes


def test_a_watcher_that_reads_no_alarm_of_its_switch_in_another_region_is_noted(
    synthesis: Synthesis,
) -> None:
    def change(stacks: Documents) -> None:
        function = stacks[ENTRY_POINT]["resource"]["aws_lambda_function"][f"watcher_{_slot(3)}"]
        variables = function["environment"]["variables"]
        function["environment"] = {"variables": {**variables, "WATCHER_SWITCH": "another"}}

    notes = "\n".join(map(str, proof_of(synthesis, change, 4, primary=REGIONS[2]).notes))
    assert "the switch of eu-central-1 is example-dev-switch-eu-central-1, not another" in notes


@many
def test_a_watcher_that_may_set_an_earlier_switch_in_one_of_its_regions_alone_is_noted(
    synthesis: Synthesis,
) -> None:
    def change(stacks: Documents) -> None:
        policy = stacks[ENTRY_POINT]["resource"]["aws_iam_role_policy"][f"watcher_{_slot(4)}"]
        policy["policy"] = policy["policy"].replace(f"cloudwatch:{REGIONS[1]}:", "cloudwatch:x:")

    proof = proof_of(synthesis, change, 5)
    assert proof.is_proved
    assert [str(note) for note in proof.notes] == [
        "aws_lambda_function.watcher_ap_south_1 may not set the switch of eu-west-1 in eu-central-1"
    ]


def test_a_second_watcher_that_may_not_set_the_primarys_switch_elsewhere_is_disproved(
    synthesis: Synthesis,
) -> None:
    def change(stacks: Documents) -> None:
        policy = stacks[ENTRY_POINT]["resource"]["aws_iam_role_policy"][f"watcher_{_slot(1)}"]
        for elsewhere in (REGIONS[0], REGIONS[3]):
            policy["policy"] = policy["policy"].replace(f"cloudwatch:{elsewhere}:", "cloudwatch:x:")

    proof = proof_of(synthesis, change, 4, primary=REGIONS[2])
    (violation, *_) = (each for each in proof.violations if each.property == LATCHED)
    assert violation.events[-1] == "that ends (eu-north-1: API Gateway fails)"
    assert violation.observed.endswith("leads to eu-north-1, no longer to eu-central-1")
