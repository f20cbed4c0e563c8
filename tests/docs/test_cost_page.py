"""The page about costs: its quantities are those of the synthesized stacks."""

import re

import pytest

from tests.support import quota_page
from tests.support.command import ROOT
from tests.support.cost_page import PAGE, page
from tests.support.synthesis import Synthesis

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_the_quantities_are_current(synthesis: Synthesis) -> None:
    assert page(TEXT, synthesis) == TEXT, "run `make docs`"


@pytest.mark.exhaustive
def test_the_quotas_that_environments_share_are_current(synthesis: Synthesis) -> None:
    text = quota_page.PAGE.read_text(encoding="utf-8")
    assert quota_page.page(text, synthesis) == text, "run `make docs`"


def test_the_example_is_what_the_acceptance_run_printed() -> None:
    printed = (ROOT / "docs" / "how-to" / "acceptance.md").read_text(encoding="utf-8")
    cost = re.search(r"^Cost: at most (\$\d+\.\d\d) for monthly charges", printed, re.MULTILINE)
    day = re.search(r"\(as of (\d{4}-\d\d-\d\d)\)", printed)
    assert cost is not None
    assert day is not None
    assert f"at most {cost[1]} for a month, with prices as of {day[1]}" in TEXT
