"""The page about costs: its quantities are those of the synthesized stacks."""

import pytest

from tests.support.command import ROOT
from tests.support.cost_page import PAGE, page
from tests.support.synthesis import Synthesis

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_the_quantities_are_current(synthesis: Synthesis) -> None:
    assert page(TEXT, synthesis) == TEXT, "run `make docs`"


def test_the_example_is_what_the_acceptance_run_printed() -> None:
    printed = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")
    assert "Cost: at most $11.80 for monthly charges" in printed
    assert "as of 2026-09-20" in printed
    assert "at most $11.80 for a month, with prices as of 2026-09-20" in TEXT
