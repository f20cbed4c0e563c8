"""No format shows a secret, wherever it is in a plan."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import Review
from iot_dr.review.read.attribute_diff import SENSITIVE, ShownValue
from iot_dr.review.render import json_document, markdown
from tests.iot_dr.review.render.formats import html_page, plain_text
from tests.support.sample_review import sample_review
from tests.support.secret_canaries import SHOWN, planted

FORMATS: dict[str, Callable[[Review], str]] = {
    "markdown": lambda result: markdown.render(result, limit=10_000_000).text,
    "terminal": plain_text,
    "json": json_document.render,
    "html": html_page,
}


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_secrets_of_a_plan_are_hidden(name: str, tmp_path: Path) -> None:
    canaries = planted()
    page = FORMATS[name](review(canaries.source(tmp_path), None))
    assert [each for each in canaries.made if each in page] == []
    assert SHOWN in page


@pytest.mark.parametrize("name", FORMATS)
def test_a_sensitive_side_is_hidden_even_with_a_text(name: str) -> None:
    result = sample_review()
    (first, *_) = result.stacks
    (change, *_) = first.changes
    leaking = tuple(
        replace(
            diff,
            before=ShownValue(SENSITIVE.kind, "canary"),
            after=ShownValue(SENSITIVE.kind, "canary"),
        )
        for diff in change.diffs
    )
    stack = replace(first, changes=(replace(change, read_diffs=lambda: leaking),))
    page = FORMATS[name](replace(result, stacks=(stack,), device_changes=(), hand_overs=()))
    assert "canary" not in page
    assert "sensitive" in page
