"""Every form of a design's Terraform has its verdict, or is not judged."""

from pathlib import Path

import pytest

from environments.loader import load
from iot_dr.design.data_path import data_paths
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.prover.switching import STAYS
from iot_dr.rules.device_path_differs import RULE
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.test_data_path import WRONG, every
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, Documents, resources
from tests.iot_dr.rules.test_device_path_differs import CHECK, renamed, split_publish
from tools.forms.forms import Form, stack_forms
from tools.forms.matrix import Judged, Row, as_text, design_rows, emitted_row, own_rows

_COMPLETE = (Form.UNCHANGED, Form.CHANGED)


def test_the_opposite_of_a_designs_verdict_is_a_contradiction() -> None:
    verdicts = {Form.FIRST_PLAN: Judged.OPEN, Form.STATE: Judged.WRONG, Form.CHANGED: Judged.RIGHT}
    assert Row("right", False, verdicts).contradictions == (Form.STATE,)
    assert Row("wrong", True, verdicts).contradictions == (Form.CHANGED,)
    assert as_text([Row("right", False, verdicts)]).endswith(
        "1 contradictions in 3 forms of 1 designs: right as state"
    )


@pytest.mark.exhaustive
def test_our_stacks_and_modules_are_proved_once_their_values_are_known() -> None:
    rows = [*own_rows("dev"), *own_rows("prod"), emitted_row()]
    assert not any(row.contradictions for row in rows), as_text(rows)
    for row in rows:
        assert all(row.verdicts[form] is Judged.RIGHT for form in _COMPLETE), as_text(rows)


@pytest.mark.exhaustive
def test_designs_of_other_projects_have_one_verdict() -> None:
    rows = list(design_rows())
    right = [row for row in rows if not row.is_wrong]
    unjudged = [row for row in right if row.verdicts[Form.UNCHANGED] is Judged.OPEN]
    assert not any(row.contradictions for row in rows), as_text(rows)
    assert len(unjudged) * 10 <= len(right), as_text(rows)


# Changes of which none hides another, by their names in the tests of the path.
_OF_DATA = (
    (
        *("events of things off", "a topic rule that is missing", "a trail that only reads"),
        *("failed rows that nobody applies again", "a replica of states missing", "no TTL"),
        *("a replica without protection", "telemetry's rule is disabled", "nobody reconciles"),
        "a state that is not copied",
    ),
    (
        *("a topic rule that encodes what it sends", "a rule without one call"),
        *("an event source mapping that is disabled", "a state bucket without versions"),
        *("telemetry's function may not write", "another TTL attribute"),
        *("recovery to a point in time off", "protection against deletion off"),
        "a queue that gives up to no queue",
    ),
    (
        *("a filter of its own rows alone", "a rule of calls of another service"),
        *("a topic rule with a condition that is never true", "telemetry that nothing reads"),
        *("a role of copies that S3 may not assume", "a queue that denies everything"),
        "a topic rule that gives up to a queue that is read",
    ),
    (
        *("a queue that forgets", "telemetry that is given up after a minute"),
        "a queue with the key of AWS",
    ),
)


@pytest.mark.exhaustive
@pytest.mark.parametrize("changes", _OF_DATA)
def test_a_wrong_path_of_data_is_the_same_in_every_form(
    changes: tuple[str, ...], tmp_path: Path
) -> None:
    settings = load("dev")
    edits, expected = zip(*(WRONG[name] for name in changes), strict=True)
    forms = stack_forms(settings, tmp_path, every(*edits))
    lost = {
        form: data_paths(read_stacks(documents), design_expectation(settings)).lost
        for form, documents in forms.items()
    }
    messages = {form: {loss.message for loss in losses} for form, losses in lost.items()}
    first = messages[Form.CONFIGURATION]
    assert all(any(text in message for message in first) for text in expected), first
    assert all(each == first for each in messages.values()), messages


@pytest.mark.exhaustive
def test_split_statements_and_a_renamed_check_mean_the_same_in_every_form(tmp_path: Path) -> None:
    settings = load("dev")

    def edit(documents: Documents) -> None:
        split_publish(resources(documents, FRANKFURT, "aws_iot_policy")["device"])
        renamed(documents, ENTRY_POINT, CHECK, "tcp_eu_central_1")

    findings = {
        form: list(RULE.find(read_stacks(documents), design_expectation(settings)))
        for form, documents in stack_forms(settings, tmp_path, edit).items()
    }
    assert findings == {form: [] for form in findings}


@pytest.mark.exhaustive
def test_broken_publishers_are_the_same_in_every_form(tmp_path: Path) -> None:
    settings = load("dev")

    def edit(documents: Documents) -> None:
        functions = resources(documents, ENTRY_POINT, "aws_lambda_function")
        functions["publisher_eu_west_1"]["environment"]["variables"]["PUBLISHER_PROJECT"] = "other"
        functions["watcher_eu_central_1"]["environment"]["variables"]["WATCHER_PROJECT"] = "other"
        rules = resources(documents, ENTRY_POINT, "aws_cloudwatch_event_rule")
        rules["publisher_eu_central_1"]["state"] = "DISABLED"

    for form, documents in stack_forms(settings, tmp_path, edit).items():
        (proof,) = proofs(read_stacks(documents), design_expectation(settings))
        assert STAYS in {each.property for each in proof.violations}, form
        notes = "\n".join(map(str, proof.notes))
        for expected in (
            "publisher_eu_west_1 publishes no switch: its PUBLISHER_PROJECT is other, not example",
            "publisher_eu_central_1 publishes no switch: no enabled schedule invokes it",
            "eu-west-1 in eu-central-1: its WATCHER_PROJECT is other, not example",
        ):
            assert expected in notes, (form, notes)


def read_stacks(documents: dict[str, bytes]) -> ResourceSet:
    return ResourceSet(stack_resources(name, text) for name, text in documents.items())
