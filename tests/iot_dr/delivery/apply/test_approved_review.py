"""Plans compared with the approved review."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from environments.loader import load
from iot_dr.common.regular_file import KeptFile
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.apply.approved_review import ReviewMismatchError, refuse_unless_reviewed
from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.read.folder import plan_source
from iot_dr.review.render import json_document
from tests.iot_dr.review.fleet_plan import FLEET, POLICY, ROLE, Json, plan, with_entry
from tests.support.refusal import refusal

SETTINGS = load("dev")
IMPORTED = ("actions", ["no-op"]), ("before", FLEET[ROLE]), ("after", FLEET[ROLE])
APPROVED = plan({POLICY: {"policy": '{"Statement":["a"]}'}})


class Approval:
    """A plan in a folder, and the review of it."""

    def __init__(self, folder: Path) -> None:
        self.plans = folder / "plans"
        self.review = folder / "review.json"
        self.plans.mkdir()

    def approve(self, document: Json) -> None:
        self.plan(document)
        made = review(plan_source(self.plans), design_expectation(SETTINGS))
        self.review.write_text(json_document.render(made), encoding="utf-8")

    def plan(self, document: Json) -> None:
        (self.plans / "fleet.json").write_text(json.dumps(document), encoding="utf-8")

    def edit(self, **changes: Any) -> None:
        """Change the review that is named."""
        document = json.loads(self.review.read_bytes())
        self.review.write_text(json.dumps({**document, **changes}), encoding="utf-8")

    def is_held(self) -> None:
        refuse_unless_reviewed(self.plans, SETTINGS, KeptFile.read(self.review))


@pytest.fixture
def approval(tmp_path: Path) -> Approval:
    return Approval(tmp_path)


def imported(**by: Any) -> Json:
    return with_entry(APPROVED, ROLE, dict(IMPORTED) | {"importing": by})


def created(text: str) -> Json:
    return plan({"aws_x.n": {"text": text}})


@pytest.mark.parametrize(
    ("approved", "planned"),
    [
        (APPROVED, plan({POLICY: {"policy": '{"Statement":["b"]}'}})),
        (APPROVED, plan({POLICY: {"policy": '{"Statement":["a"]}'}, ROLE: None})),
        (APPROVED, imported(id="worker")),
        (imported(id="worker"), imported(id="another")),
        (imported(identity={"name": "a"}), imported(identity={"name": "b"})),
        (created("q" * 500), created("q" * 499 + "r")),
        (created("q" * 500), created("q" * 500 + "\n")),
        (APPROVED, {**APPROVED, "complete": False}),
    ],
    ids=["value", "resource", "import", "other import", "identity", "text", "line", "incomplete"],
)
def test_any_other_change_is_refused(approval: Approval, approved: Json, planned: Json) -> None:
    approval.approve(approved)
    assert refusal(approval.is_held) == ""
    approval.plan(planned)
    with pytest.raises(ReviewMismatchError, match=r"^fleet: its plan is not what .* shows"):
        approval.is_held()


def test_what_has_drifted_is_not_applied_and_may_be_more(approval: Approval) -> None:
    approval.approve(APPROVED)
    drift: Json = {
        **APPROVED["resource_changes"][0],
        "change": {"actions": ["update"], "before": {}},
    }
    approval.plan({**APPROVED, "resource_drift": [drift]})
    assert refusal(approval.is_held) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"action_invocations": [{"address": "action.aws_lambda_invoke.x"}]},
        {
            "deferred_action_invocations": [
                {"reason": "absent_prereq", "action_invocation": {"address": "action.a.x"}}
            ]
        },
    ],
)
def test_an_action_of_a_provider_is_never_applied(approval: Approval, more: Json) -> None:
    approval.approve({**APPROVED, **more})
    with pytest.raises(ReviewMismatchError, match="invokes actions of providers, and no review"):
        approval.is_held()


@pytest.mark.parametrize("actions", [["forget", "create"], ["archive"], []])
def test_actions_that_a_review_cannot_describe_are_never_applied(
    approval: Approval, actions: list[str]
) -> None:
    approval.approve(with_entry(APPROVED, ROLE, {"actions": actions, "before": {}, "after": {}}))
    with pytest.raises(ReviewMismatchError, match="has actions that a review cannot describe"):
        approval.is_held()


@pytest.mark.parametrize("other", [{"environment": "prod"}, {"provider": "aws"}])
def test_a_review_of_another_environment_or_provider_is_refused(
    approval: Approval, other: dict[str, str]
) -> None:
    approval.approve(APPROVED)
    approval.edit(**other)
    with pytest.raises(ReviewMismatchError, match=r"review\.json: is a review of other plans"):
        approval.is_held()


def test_a_stack_more_is_refused(approval: Approval) -> None:
    approval.approve(APPROVED)
    approval.edit(stacks=[])
    with pytest.raises(
        ReviewMismatchError, match=r"^fleet: .*review\.json does not show it; nothing is app"
    ):
        approval.is_held()


def test_a_stack_less_is_refused(approval: Approval) -> None:
    approval.approve(APPROVED)
    (fleet,) = json.loads(approval.review.read_bytes())["stacks"]
    approval.edit(stacks=[fleet, {**fleet, "name": "gone"}])
    said = r"^gone: .* shows it, and it is not in these plans, which may be of one wave; nothing is"
    with pytest.raises(ReviewMismatchError, match=said):
        approval.is_held()


def test_a_review_that_is_a_pipe_is_refused_at_once(approval: Approval) -> None:
    approval.plan(APPROVED)
    os.mkfifo(approval.review)
    with pytest.raises(UsageError, match="it is not a regular file"):
        approval.is_held()
