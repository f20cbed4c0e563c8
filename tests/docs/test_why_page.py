"""The page why.md: the table of public designs, and the picture of one outage of two designs."""

import re

import pytest

from environments.loader import load
from tests.iot_dr.rules.designs import ours
from tests.support import public_designs_page
from tests.support.command import ROOT
from tests.support.outage_picture import PICTURE, USUAL, outcome, picture, public_design


def test_the_picture_is_current() -> None:
    drawn = PICTURE.read_text(encoding="utf-8")
    assert picture() == drawn, "run `make docs`"
    assert len(drawn) < 40_000


def test_the_table_is_current() -> None:
    text = public_designs_page.PAGE.read_text(encoding="utf-8")
    assert public_designs_page.page(text) == text, "run `make docs`"


@pytest.mark.parametrize("page", ["README.md", "docs/explanation/why.md"])
def test_who_does_not_see_the_picture_reads_the_same_figures(page: str) -> None:
    figures = re.compile(r"after (\d+) s\b.*?\bafter (\d+) s\b")
    drawn = figures.search(PICTURE.read_text(encoding="utf-8"))
    shown = re.search(r"!\[([^]]*)\]\([^)]*outage\.svg\)", (ROOT / page).read_text("utf-8"))
    assert drawn
    assert shown
    assert figures.findall(shown[1]) == [drawn.groups()]


def test_devices_are_back_after_a_failover_alone_for_which_checks_must_ask_another_host() -> None:
    public = map(public_design, (USUAL, "awslabs/disaster-recovery-for-aws-iot"))
    our, usual, repaired = map(outcome, (ours(), *public))
    assert (our.never, usual.never, repaired.never) == (0, len(usual.recovered), 0)
    assert our.last < load("dev", {}).recovery.rto
