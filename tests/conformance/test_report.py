"""The status and the output of a comparison."""

from dataclasses import replace
from typing import Any

import pytest

from tests.conformance.difference import Comparison, Difference
from tests.conformance.emulator import EmulatorChange
from tests.conformance.explained import Reason
from tests.conformance.judgement import Judgement
from tests.conformance.later import LaterChange
from tests.conformance.report import Report

SEEN = Difference("schema", "aws_x.region", "has none", "has it")
OTHER = Difference("plan", "aws_x.name", '"a"', '"b"')
NEWER = Reason("version 6 added it", "the changelog", "has none|null", before=(6, 0, 0))
EXPLAINED = {NEWER: (r"(schema|plan) aws_x\.region",)}
TAGS = LaterChange("aws_x.tags", "{}")
UNTAGGED = EmulatorChange(("aws_x.tags",), "{}", "stores no tags", "stores them")


def report(*differences: Difference, version: str = "5.100.0", **changes: Any) -> Report:
    judgement = Judgement(
        failures=[],
        comparison=Comparison(set(differences), schema_attributes=10, plan_values=20),
        stacks=2,
        all_stacks=2,
        resources=7,
        types=3,
        removed=set(),
        later={TAGS},
    )
    return Report(version, [replace(judgement, **changes)], EXPLAINED, [UNTAGGED])


def test_a_run_passes_if_each_difference_is_explained() -> None:
    passed = report(SEEN)
    assert passed.status == 0
    first, empty, figures = passed.lines()
    assert (first, empty) == ("version 6 added it (the changelog): schema aws_x.region", "")
    assert figures == (
        "passed: 2 of 2 stacks, 7 resources, 10 attributes of schemas and 20 values of plans"
        " compared; 1 differences, 0 not explained, 0 explanations without a difference;"
        " later plans: 1 changes, 0 not explained, 0 explanations without a change"
    )


def test_an_unexplained_difference_fails_the_run() -> None:
    failed = report(SEEN, OTHER)
    assert failed.status == 1
    assert 'not explained: plan aws_x.name: official "a", stand-in "b"' in list(failed.lines())


def test_an_unused_explanation_fails_the_run() -> None:
    failed = report()
    assert failed.status == 1
    assert r"explains nothing: (schema|plan) aws_x\.region" in list(failed.lines())


@pytest.mark.parametrize(
    ("difference", "version"),
    [
        (SEEN, "6.0.0"),
        (Difference("schema", "aws_x.region", "type bool", "type string"), "5.100.0"),
        (Difference("schema", "aws_x.regions", "has none", "has it"), "5.100.0"),
    ],
    ids=["of a version that has it", "of another kind", "of another attribute"],
)
def test_an_explanation_applies_only_to_its_versions_kinds_and_attributes(
    difference: Difference, version: str
) -> None:
    assert report(difference, version=version).unexplained == [difference]


def test_an_explanation_may_be_unused_with_a_version_that_it_is_not_for() -> None:
    assert report(version="6.25.0").status == 0


@pytest.mark.parametrize(
    ("later", "line"),
    [
        (
            {TAGS, LaterChange("aws_x.name", '"a"')},
            'changed by a later plan: aws_x.name: the emulator returned "a"',
        ),
        (set[LaterChange](), "not changed by a later plan: aws_x.tags ({})"),
    ],
)
def test_a_later_plan_fails_the_run_if_it_differs_from_what_is_known_of_the_emulator(
    later: set[LaterChange], line: str
) -> None:
    failed = report(SEEN, later=later)
    assert failed.status == 1
    assert line in list(failed.lines())


@pytest.mark.parametrize("changes", [{"failures": ["official: iot-dev-data: 400"]}, {"stacks": 1}])
def test_a_stack_that_did_not_run_with_both_providers_was_not_compared(
    changes: dict[str, Any],
) -> None:
    result = report(SEEN, OTHER, **changes)
    assert result.status == 2
    assert list(result.lines())[-1].startswith("not judged in full: ")


def test_arguments_that_the_official_provider_lacks_are_named_as_not_compared() -> None:
    lines = list(report(SEEN, removed={"aws_x.region"}).lines())
    assert "not judged, 5.100.0 does not have it: aws_x.region" in lines


def test_long_lines_of_failures_are_truncated() -> None:
    lines = list(report(SEEN, failures=["a\n" + "b" * 5000]).lines())
    assert max(map(len, lines)) < 400
