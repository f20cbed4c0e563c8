"""The runbooks: a scenario runs every command in them, and the index links to every page."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.runbook import PAGES, Command, Walk, commands, holds, sections

NAMES = sorted(page.name for page in PAGES.glob("*.md"))
INDEX = "README.md"
_LEFT_OUT = {"skip", "skipif", "xfail"}


def walked() -> Iterator[tuple[str, str]]:
    """Return the page and section of each mark `runbook` of a test that takes the fixture `walk`.

    The fixture fails a test that leaves a command. Without a mark: the whole page.
    """
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield from walked_by(node)


def walked_by(test: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    marks = [each for each in test.decorator_list if ".mark." in ast.unparse(each)]
    names = {ast.unparse(each).partition(".mark.")[2].partition("(")[0] for each in marks}
    takes_walk = "walk" in {argument.arg for argument in test.args.args}
    if "runbook" not in names or not takes_walk or names & _LEFT_OUT:
        return
    for mark in marks:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith(".runbook"):
            page, *named = (ast.literal_eval(argument) for argument in mark.args)
            yield from ((page, section) for section in named or sections(page))


@pytest.mark.parametrize("page", NAMES)
def test_every_command_of_a_page_is_run_by_a_scenario(page: str) -> None:
    covered = set(walked())
    left = [each.text for each in commands(page) if (page, each.section) not in covered]
    assert left == [], f"no test marked runbook({page!r}, ...) runs these"


def test_every_mark_names_an_existing_page_and_section() -> None:
    for page, section in walked():
        assert page in NAMES or (page.startswith("../") and (PAGES / page).is_file())
        assert section in sections(page), (page, section)


def test_the_index_links_to_every_page_and_to_no_other() -> None:
    linked = re.findall(r"\]\(([\w.-]+\.md)\)", (PAGES / INDEX).read_text(encoding="utf-8"))
    assert set(linked) == set(NAMES) - {INDEX}


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("Resources: 0 added, 21 destroyed.\n", "Resources: 0 added, 0 destroyed.\n"),
        ("1 to update, 6 to forget\n", "1 to update, 7 to forget\n"),
        ("leads to eu-west-1\n", "leads to eu-west-2\n"),
        ("healthy 4/4\n", "healthy 3/4\n"),
    ],
)
def test_a_page_with_another_count_or_region_differs_from_the_output(
    shown: str, printed: str
) -> None:
    holds(Command("", "", shown, None), shown)
    with pytest.raises(AssertionError):
        holds(Command("", "", shown, None), printed)


def test_a_page_with_other_times_equals_the_output() -> None:
    shown = "deployed in 10.3 s  x\n24 ms, 90 days left, since 2026-11-25 14:20:03 UTC, 0:00:12\n"
    printed = "deployed in 9 s x\n7 ms, 89 days left, since 2027-01-02 03:04:05 UTC, 1:02:03\n"
    holds(Command("", "", shown, None), printed)


@pytest.mark.runbook("README.md")
def test_node_is_on_the_path_of_the_index(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    line = walk.next("PATH=").text
    result = project.run(
        f"PATH={os.defpath}; {line}; command -v node; command -v iot-dr"
    ).splitlines()
    assert [Path(each).name for each in result] == ["node", "iot-dr"]
    assert all(".venv" in each for each in result)
