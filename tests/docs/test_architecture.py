"""The page about the architecture: its drawings are current, and `make docs` renews them."""

import re
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from environments.loader import load
from iot_dr.common.page_section import PageError
from iot_dr.generate.graph.chart import environment_chart
from iot_dr.generate.graph.page import FOLDER, PAGE, PICTURE, drawn, write
from tests.support.command import ROOT, iot_dr_here
from tests.support.settings import REGIONS, settings

STAGING = load("staging", {})
TEXT = (FOLDER / PAGE).read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the page and its picture."""
    for name in (PAGE, PICTURE):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_the_drawings_are_current() -> None:
    for path, text in drawn(STAGING).items():
        stale = f"{path.name} is stale: make docs"
        assert path.read_text(encoding="utf-8") == text, stale


def test_the_page_shows_what_the_command_prints() -> None:
    shown = [token.content for token in MarkdownIt().parse(TEXT) if token.info == "mermaid"]
    printed = [
        iot_dr_here("graph", "--env", "staging", "--format", "mermaid", *options).stdout
        for options in ([], ["--waves"])
    ]
    assert shown == printed
    picture = iot_dr_here("graph", "--env", "staging", "--format", "svg", "--waves").stdout
    assert (FOLDER / PICTURE).read_text(encoding="utf-8") == picture


def test_another_environment_is_drawn_in_the_same_places_and_the_text_around_is_kept(
    folder: Path,
) -> None:
    other = settings(regions=list(REGIONS))
    write(drawn(other, folder))
    changed = (folder / PAGE).read_text(encoding="utf-8")
    assert f"wave 7: {REGIONS[0]}" in changed
    assert "iot-dev-iot-ap-south-1" in (folder / PICTURE).read_text(encoding="utf-8")
    fences = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)
    assert fences.sub("", changed) == fences.sub("", TEXT)
    write(drawn(STAGING, folder))
    assert (folder / PAGE).read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<!-- end of needs -->\n", ""),
        ("<!-- waves: written by `make docs` -->\n", ""),
        ("<!-- end of waves -->\n", "<!-- end of waves -->\n<!-- end of waves -->\n"),
    ],
    ids=["no end", "no begin", "two ends"],
)
def test_a_page_without_a_place_for_a_drawing_is_refused_and_left(
    folder: Path, old: str, new: str
) -> None:
    page = folder / PAGE
    broken = TEXT.replace(old, new)
    assert broken != TEXT
    page.write_text(broken, encoding="utf-8")
    with pytest.raises(PageError, match=r"architecture\.md: (needs|waves) has no place of its own"):
        drawn(STAGING, folder)
    assert page.read_text(encoding="utf-8") == broken


def test_the_page_names_the_stacks_as_they_are_drawn() -> None:
    chart = environment_chart(STAGING, in_waves=True)
    kinds = {node.what.replace("-", " ") for node in chart.nodes}
    rows = set(re.findall(r"^\| ([a-z ]+) \|", TEXT, re.MULTILINE)) - {"stack"}
    assert rows == kinds


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (FOLDER / target).is_file(), target


def test_make_docs_draws_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^docs: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert "-m iot_dr.generate.graph.page" in recipe
