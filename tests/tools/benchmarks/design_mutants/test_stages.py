"""Which stage decides about a mutant, and that nothing is silent."""

import pytest

from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.terraform.standin.cache import SchemaCache
from tools.benchmarks.design_mutants.__main__ import sampled
from tools.benchmarks.design_mutants.data_path import data_path
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant
from tools.benchmarks.design_mutants.drilling import outages_for
from tools.benchmarks.design_mutants.generation import generate
from tools.benchmarks.design_mutants.report import EQUIVALENT_LIMIT, is_explained
from tools.benchmarks.design_mutants.stages import Outcome, Result, Stages
from tools.benchmarks.design_mutants.unread import UNREAD


@pytest.fixture(scope="session")
def mutants(design: BaseDesign, schema: SchemaCache) -> tuple[Mutant, ...]:
    return generate(design, schema).mutants


@pytest.fixture(scope="session")
def stages(design: BaseDesign, schema: SchemaCache) -> Stages:
    return Stages(design, schema)


def outcome_of(mutants: tuple[Mutant, ...], stages: Stages, wanted: str) -> Outcome:
    (mutant,) = [mutant for mutant in mutants if mutant.id == wanted]
    return stages.outcome(mutant)


ENTRY, IOT = "iot-dev-entry-point", "iot-dev-iot-eu-west-1"
OTHER, CHECK = "iot-dev-iot-eu-central-1", "aws_route53_health_check"


@pytest.mark.parametrize(
    ("mutant", "expected", "reason"),
    [
        (
            f"{ENTRY}/aws_route53_record.failover_1_primary: ttl removed",
            ("refused", "schema"),
            '"records" needs "ttl" to be set',
        ),
        (
            f"{IOT}/aws_iot_policy.device: resource removed",
            ("refused", "schema"),
            "Reference to undeclared resource: aws_iot_policy.device",
        ),
        (
            f"{IOT}/aws_route53_health_check.deep: type removed",
            ("refused", "schema"),
            "Missing required argument: type",
        ),
        (
            f"{ENTRY}/aws_route53_record.failover_1_secondary: resource removed",
            ("blocked", "rules"),
            "failover-pair-incomplete",
        ),
        (
            f"{OTHER}/aws_route53_record.regional_name: ttl larger (121)",
            ("warned", "rules"),
            "has the ttl 121, and the settings 60",
        ),
        (
            f"{ENTRY}/{CHECK}.tcp_* in 2 places: invert_healthcheck negated (true)",
            ("disproved", "prover"),
            "never healthy",
        ),
        (
            f"{ENTRY}/aws_route53_health_check.tcp_eu_west_1: tags removed",
            ("equivalent", "equivalence"),
            "tags label",
        ),
        (
            f"{ENTRY}/aws_iam_role_policy.watcher_eu_central_1: policy.WriteOwnLog denied",
            ("noted", "prover"),
            "writes no logs",
        ),
    ],
)
def test_a_stage_decides_about_a_mutant_and_says_why(
    mutant: str,
    expected: tuple[str, str],
    reason: str,
    mutants: tuple[Mutant, ...],
    stages: Stages,
) -> None:
    outcome = outcome_of(mutants, stages, mutant)
    assert (outcome.result, outcome.stage) == expected
    assert reason in outcome.reason


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_sample_none_is_silent(seed: int, mutants: tuple[Mutant, ...], stages: Stages) -> None:
    outcomes = [stages.outcome(mutant) for mutant in sampled(mutants, 75, seed)]
    results = {outcome.mutant.id: outcome.result for outcome in outcomes}
    assert [id_ for id_, result in results.items() if result is Result.SILENT] == []
    assert is_explained(outcomes)
    assert {Result.REFUSED, Result.DISPROVED, Result.EQUIVALENT} <= set(results.values())


@pytest.mark.exhaustive
def test_of_a_sample_of_the_path_of_data_none_is_silent(
    data_design: BaseDesign, schema: SchemaCache
) -> None:
    stages, mutants = Stages(data_design, schema), generate(data_design, schema, data_path).mutants
    outcomes = [stages.outcome(mutant) for mutant in sampled(mutants, 150, 3)]
    assert [each.mutant.id for each in outcomes if each.result is Result.SILENT] == []
    assert {Result.REFUSED, Result.DISPROVED, Result.EQUIVALENT} <= {
        each.result for each in outcomes
    }


@pytest.mark.parametrize(
    ("note", "names"),
    [
        ("", ["kill"]),
        ("aws_lambda_function.watcher_a may read metrics", ["kill", "canary", "second-failure"]),
        ("eu-west-1: AWS IoT accepts connections and does nothing more", ["kill", "freeze"]),
        ("aws_route53_health_check.deep has checkers in 7 regions", ["kill", "blind-checkers"]),
    ],
)
def test_a_note_of_the_proof_selects_the_outages_that_could_show_it(
    note: str, names: list[str]
) -> None:
    assert outages_for(note) == names
    assert set(names) <= OUTAGES.keys()


def test_40_reasons_of_equivalent_mutants_are_too_many(mutants: tuple[Mutant, ...]) -> None:
    outcomes = [
        Outcome(mutant=mutant, result=Result.EQUIVALENT, stage="", reason=str(number), seconds={})
        for number, mutant in enumerate(mutants[:EQUIVALENT_LIMIT])
    ]
    assert is_explained(outcomes[1:])
    assert not is_explained(outcomes)


def test_each_kind_of_argument_that_may_be_equivalent_has_a_source() -> None:
    assert len(UNREAD) < EQUIVALENT_LIMIT
    assert all(entry.source for entry in UNREAD)
