"""The runbooks: every command in them is run by a scenario, and the index leads to every page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.runbook import PAGES, commands, sections

NAMES = sorted(page.name for page in PAGES.glob("*.md"))
INDEX = "README.md"
_LEFT_OUT = {"skip", "skipif", "xfail"}


def walked() -> Iterator[tuple[str, str]]:
    """Give the page and section of each mark `runbook` of a test that takes the fixture `walk`.

    The fixture fails a test that leaves a command over. No mark: the page as a whole.
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


def test_every_mark_names_a_page_and_a_section_that_there_are() -> None:
    for page, section in walked():
        assert page in NAMES
        assert section in sections(page), (page, section)


def test_the_index_leads_to_every_page_and_to_no_other() -> None:
    linked = re.findall(r"\]\(([\w.-]+\.md)\)", (PAGES / INDEX).read_text(encoding="utf-8"))
    assert set(linked) == set(NAMES) - {INDEX}
