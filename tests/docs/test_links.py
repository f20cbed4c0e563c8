"""Links of the documentation: each leads to a file of the repository, and to a heading in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.command import ROOT

PAGES: Final = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
)
_CODE: Final = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def slugs(page: Path) -> set[str]:
    """Return the anchors of a page as GitHub makes them."""
    text = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    names = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", name) for name in _HEADING.findall(text))
    headings = {re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-") for name in names}
    return headings | set(re.findall(r'<a name="([^"]+)">', text))


def broken(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere."""
    for link in _LINK.finditer(_CODE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = (link[1] or link[2]).partition("#")
        if re.match(r"\w+:", target):
            continue
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in slugs(file)):
            yield link[1] or link[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert [*broken(page)] == []


def test_a_missing_file_and_a_missing_heading_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A `heading`, there\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md#a-heading-there) [b](other.md#there) [c](gone.md) `[d](gone.md)`\n",
        encoding="utf-8",
    )
    assert [*broken(page)] == ["other.md#there", "gone.md"]


def test_the_index_of_decisions_has_each_once() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"\]\((\d{4}[\w-]*\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(file.name for file in folder.glob("[0-9]*.md"))
