"""Changes that mean the same are neither blocked nor disproved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.loader import load
from iot_dr.terraform.standin.cache import SchemaCache
from tools.benchmarks.design_mutants.__main__ import sampled
from tools.benchmarks.design_mutants.design import BaseDesign
from tools.benchmarks.design_mutants.harmless import Harmless, harmless_changes, judged
from tools.benchmarks.design_mutants.report import are_harmless
from tools.benchmarks.design_mutants.stages import Decision, Result

FIVE = Path("tools/benchmarks/environments/five.yaml")


@pytest.fixture(scope="session")
def changes(design: BaseDesign, schema: SchemaCache) -> tuple[Harmless, ...]:
    return tuple(harmless_changes(design, schema))


def test_there_are_harmless_changes_of_all_kinds(changes: tuple[Harmless, ...]) -> None:
    assert {change.kind for change in changes} == {
        "statements in another order",
        "actions and resources in another order",
        "one value or a list of one",
        "a statement without a list",
        "another label of a statement",
        "capitals of an action",
        "spaces and order of keys in JSON",
        "members of a set in another order",
        "a literal in place of a reference",
        "a number as text",
        "a flag as text",
        "a default written out",
        "another logical id",
        "a key of for_each",
        "another tag",
        "another description",
        "the TTL of one record",
        "a shorter TTL of one record",
        "capitals in a name",
        "a final dot",
    }


def one_of_each(changes: tuple[Harmless, ...]) -> Iterator[Harmless]:
    """Yield the last change of each kind that `device-path-differs` compares between regions."""
    regional = {change.kind: change for change in changes if "-iot-eu-" in change.stack}
    return iter(regional.values())


def test_a_harmless_change_is_not_blocked(
    design: BaseDesign, changes: tuple[Harmless, ...]
) -> None:
    outcomes = [(change, judged(design, change)) for change in one_of_each(changes)]
    assert len(outcomes) > 12
    assert are_harmless(outcomes), [each for each in outcomes if not are_harmless([each])]
    warned = {change.kind for change, each in outcomes if each.result is Result.WARNED}
    assert warned == {"a shorter TTL of one record", "the TTL of one record"}


@pytest.mark.parametrize("result", [Result.BLOCKED, Result.DISPROVED])
def test_one_that_is_blocked_or_disproved_fails_the_run(
    result: Result, changes: tuple[Harmless, ...]
) -> None:
    assert are_harmless([(changes[0], Decision(Result.WARNED, "rules", ""))])
    assert not are_harmless([(changes[0], Decision(result, "rules", ""))])


@pytest.mark.exhaustive
@pytest.mark.parametrize("environment", ["dev", "prod", "five"])
def test_of_two_three_and_five_regions_with_data_none_is_blocked(
    environment: str, schema: SchemaCache, tmp_path: Path
) -> None:
    settings = load("five", folder=FIVE.parent) if environment == "five" else load(environment)
    design = BaseDesign.synthesized(settings, tmp_path / "out")
    chosen = sampled([*harmless_changes(design, schema)], 45, seed=1)
    outcomes = [(change, judged(design, change)) for change in chosen]
    assert are_harmless(outcomes), [each for each in outcomes if not are_harmless([each])]
