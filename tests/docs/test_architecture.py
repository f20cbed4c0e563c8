"""The page about the architecture: its drawings are current, and `make docs` renews them."""

import re
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from environments.loader import load
from iot_dr.common.page_section import PageError
from iot_dr.generate.graph import environment_chart
from tests.support.command import ROOT, iot_dr_here
from tests.support.graph_page import PAGE, drawn
from tests.support.settings import REGIONS, settings

STAGING = load("staging", {})
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A copy of the page."""
    return Path(shutil.copy(PAGE, tmp_path))


def test_the_drawings_are_current() -> None:
    assert drawn(STAGING, PAGE) == TEXT, "run make docs"


def test_the_page_shows_what_the_command_prints() -> None:
    shown = [token.content for token in MarkdownIt().parse(TEXT) if token.info == "mermaid"]
    printed = [
        iot_dr_here("graph", "--env", "staging", "--format", "mermaid", *options).stdout
        for options in ([], ["--waves"])
    ]
    assert shown == printed


def test_another_environment_is_drawn_in_the_same_places_and_the_text_around_is_kept(
    page: Path,
) -> None:
    changed = drawn(settings(regions=list(REGIONS)), page)
    assert f"wave 7: {REGIONS[0]}" in changed
    fences = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)
    assert fences.sub("", changed) == fences.sub("", TEXT)
    page.write_text(changed, encoding="utf-8")
    assert drawn(STAGING, page) == TEXT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<!-- end of needs -->\n", ""),
        ("<!-- waves: written by `make docs` -->\n", ""),
        ("<!-- end of waves -->\n", "<!-- end of waves -->\n<!-- end of waves -->\n"),
    ],
    ids=["no end", "no begin", "two ends"],
)
def test_a_page_without_a_place_for_a_drawing_is_refused(page: Path, old: str, new: str) -> None:
    broken = TEXT.replace(old, new)
    assert broken != TEXT
    page.write_text(broken, encoding="utf-8")
    with pytest.raises(PageError, match=r"architecture\.md: the section (needs|waves) needs"):
        drawn(STAGING, page)


def test_the_page_names_the_stacks_as_they_are_drawn() -> None:
    chart = environment_chart(STAGING, in_waves=True)
    kinds = {node.what.replace("-", " ") for row in chart.rows for node in row.nodes}
    rows = set(re.findall(r"^\| ([a-z ]+) \|", TEXT, re.MULTILINE)) - {"stack"}
    assert rows == kinds


@pytest.mark.parametrize("page", [PAGE, ROOT / "README.md"], ids=lambda page: page.name)
def test_each_class_that_a_table_names_is_in_the_file_that_it_links(page: Path) -> None:
    named = re.findall(
        r"\| \[?`(\w+)`(?: \| \[[^]]*)?\]\(([^)]+\.py)\)", page.read_text(encoding="utf-8")
    )
    assert {"HostedZoneStack", "IoTStack", "EntryPointStack"} < {name for name, _ in named}
    for name, file in named:
        assert f"class {name}" in (page.parent / file).read_text(encoding="utf-8"), name


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / target).is_file(), target


def test_make_docs_draws_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^docs: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert "-m tests.support.graph_page" in recipe
