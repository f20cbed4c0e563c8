"""The picture of one outage of our design and of the usual one."""

import re

import pytest

from environments.loader import load
from tests.support.command import ROOT
from tests.support.outage_picture import PICTURE, our_design, outcome, picture, usual_design


def test_the_picture_is_current() -> None:
    drawn = PICTURE.read_text(encoding="utf-8")
    assert picture() == drawn, "run `make docs`"
    assert len(drawn) < 40_000


@pytest.mark.parametrize("page", ["README.md", "docs/why.md"])
def test_who_does_not_see_the_picture_reads_the_same_figures(page: str) -> None:
    figures = re.compile(r"after (\d+) s\b.*?\bafter (\d+) s\b")
    drawn = figures.search(PICTURE.read_text(encoding="utf-8"))
    shown = re.search(r"!\[([^]]*)\]\([^)]*outage\.svg\)", (ROOT / page).read_text("utf-8"))
    assert drawn
    assert shown
    assert figures.findall(shown[1]) == [drawn.groups()]


def test_devices_are_back_after_a_failover_alone() -> None:
    ours, usual = outcome(our_design()), outcome(usual_design())
    assert (ours.never, usual.never) == (0, len(usual.recovered))
    assert ours.last < load("dev", {}).recovery.rto


def test_the_usual_design_fails_over_once_its_checks_ask_another_host() -> None:
    assert outcome(usual_design("awslabs/disaster-recovery-for-aws-iot")).never == 0
