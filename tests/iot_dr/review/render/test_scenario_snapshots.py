"""Reviews of real plans: a first deployment, and four changes to a running platform."""

import re

import pytest
from syrupy.assertion import SnapshotAssertion

from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.render import markdown
from tests.iot_dr.review.render.formats import plain_text
from tests.iot_dr.review.render.text_file import text_file
from tests.support.review_pages import PAGES, page
from tests.support.review_scenarios import FIRST, SCENARIOS, scenario, scenario_settings

pytestmark = pytest.mark.usefixtures("lent")


def file_name(scenario_name: str) -> str:
    return scenario_name.replace(" ", "-")


@pytest.mark.parametrize("name", SCENARIOS, ids=file_name)
def test_the_terminal_output_of_a_scenario(name: str, snapshot: SnapshotAssertion) -> None:
    result = review(scenario(name), design_expectation(scenario_settings(name)))
    assert plain_text(result) == snapshot.use_extension(text_file("txt"))


@pytest.mark.parametrize("name", PAGES)
def test_the_comment_is_what_the_docs_show(name: str) -> None:
    result = page(name)
    assert result.text == PAGES[name].read_text("utf-8"), (
        "run .venv/bin/python -m tests.support.review_pages"
    )
    assert result.cut == ()


def test_the_comment_of_a_first_deployment_leaves_out_only_attributes_of_a_few_changes() -> None:
    page = markdown.render(review(scenario(FIRST), design_expectation(scenario_settings(FIRST))))
    (left_out,) = page.cut
    assert re.fullmatch(r"the attributes of \d changes", left_out)
