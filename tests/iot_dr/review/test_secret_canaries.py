"""Secrets at every place of a plan where Terraform may have one."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.review.read.attribute_diff import SENSITIVE
from iot_dr.review.read.plan_source import PlanSource
from iot_dr.review.read.stack_reader import LoadedStack, read_stacks
from tests.support.plan_parts import create, document
from tests.support.secret_canaries import SHOWN, planted


def shown_text(stacks: tuple[LoadedStack, ...]) -> str:
    """Return everything that a review knows of its stacks, including every difference."""
    reviews = [(each.review, each.notes) for each in stacks]
    changes = [change for each in stacks for change in (*each.review.changes, *each.review.drift)]
    return repr((reviews, [(each, each.diffs) for each in changes]))


def test_only_the_secrets_are_hidden(tmp_path: Path) -> None:
    canaries = planted()
    assert len(set(canaries.made)) == len(canaries.made) > 50
    everything = shown_text(read_stacks(canaries.source(tmp_path)))
    assert [each for each in canaries.made if each in everything] == []
    assert SHOWN in everything
    assert everything.count(SENSITIVE.text) > 50


def test_without_masks_the_same_plans_show_every_canary(tmp_path: Path) -> None:
    """Without masks the canaries must appear: the test above must not pass by showing nothing."""
    canaries = planted()
    canaries.documents = {name: unmasked(each) for name, each in canaries.documents.items()}
    everything = shown_text(read_stacks(canaries.source(tmp_path)))
    shown_now = [each for each in canaries.made if each in everything]
    assert len(shown_now) > 40


def unmasked(value: Any) -> Any:
    """Remove every mark of a sensitive value."""
    if isinstance(value, dict):
        names = {
            *("before_sensitive", "after_sensitive", "sensitive_values", "sensitive"),
            "config_sensitive",
        }
        return {name: unmasked(each) for name, each in value.items() if name not in names}  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    return [unmasked(each) for each in value] if isinstance(value, list) else value  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON


def test_a_secret_that_only_the_last_plan_marks_is_hidden_in_the_first(tmp_path: Path) -> None:
    canaries = planted()
    stacks = canaries.source(tmp_path).stacks
    for order in (stacks, stacks[::-1]):
        source = PlanSource(environment=None, provider=None, base=None, stacks=order)
        everything = shown_text(read_stacks(source))
        assert [each for each in canaries.made if each in everything] == []


@pytest.mark.parametrize(
    ("secret", "mask"), [("abc", True), ("12345", 1), ("", True), (" ", True), ("x1", "true")]
)
def test_a_short_secret_is_hidden_only_where_it_is_marked(
    secret: str, mask: object, tmp_path: Path
) -> None:
    canaries = planted()
    changes = [create("aws_x.y", {"marked": secret, "unmarked": f"-{secret}-"}, {"marked": mask})]
    canaries.documents = {"short": document(resource_changes=changes)}
    read = read_stacks(canaries.source(tmp_path))[0]
    marked, unmarked = read.review.changes[0].diffs
    assert marked.after is SENSITIVE
    assert unmarked.after.text == json.dumps(f"-{secret}-")
