"""The word check of `make lint`, with a style guide of one word of each kind."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prose import ROOT, findings, main, table

GIT = shutil.which("git") or "git"
GUIDE = """# Style

## Names

| instead of | write |
|---|---|
| `thing`, `stuff` | the field's noun |

## Prose

| before | after |
|---|---|
| `Some` example | better |

| instead of | write |
|---|---|
| `frobs`, `goes wild` | `changes` |
| `is %` | is not a ... |

Stored names stay: `old_frobs`, `"frobs"`.
""".replace("%", "no")
WORDS = table(GUIDE)


def lines(file: str, text: str) -> list[str]:
    """Return `LINE: WORD` of each finding."""
    return [re.sub("^[^:]+:|: write .*", "", finding) for finding in findings(file, text, WORDS)]


def test_a_stored_name_stays_and_the_word_next_to_it_is_found() -> None:
    assert lines("a.py", 'put("old_frobs", {"frobs": 1})\n# It frobs.\n') == ["2: frobs"]


def test_a_finding_has_the_file_the_line_the_word_and_what_to_write() -> None:
    text = "# Plans\n\nA plan frobs stacks.\n"
    assert list(findings("docs/plans.md", text, WORDS)) == [
        "docs/plans.md:3: frobs: write `changes`"
    ]


@pytest.mark.parametrize(
    "line",
    [
        '"""Return what frobs it."""',
        "# It frobs.",
        "def test_it_frobs_nothing() -> None:",
        "class ItFrobs:",
        "class FrobsIt:",
        "FROBS = 1",
        'message = f"it {frobs}"',
    ],
)
def test_docstrings_comments_names_and_strings_are_checked(line: str) -> None:
    assert lines("a.py", f"import os\n{line}\n") == ["2: frobs"]


@pytest.mark.parametrize(
    "text",
    ["it goes\nwild", "    # It goes\n    # wild.", '"it goes"\n" wild"', "it_goes_wild = 1"],
)
def test_phrases_are_found_across_lines_and_in_names(text: str) -> None:
    (finding,) = lines("a.py", text)
    assert finding.endswith(": goes wild")


@pytest.mark.parametrize(
    "line",
    [
        "stuff = 1",
        "a, stuff = b",
        "stuff: list[str] = []",
        "    stuff: int",
        "def f(a: int, *stuff: int) -> None:",
        "for a, stuff in b:",
        "with open(a) as stuff:",
        "if stuff := a:",
        "def stuff() -> None:",
        "        for stuff in b  # a comprehension of several lines",
    ],
)
def test_a_name_is_checked_where_code_defines_it(line: str) -> None:
    assert lines("a.py", f"{line}\n") == ["1: stuff"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.py", "a = [stuff.b for stuff in c]  # stuff as such"),
        ("a.py", '"""The stuff of plans: things, and other stuff."""'),
        ("a.py", "a = stuffed(stuff=1)"),
        ("a.md", "stuff = 1"),
        ("a.md", "There is no plan, and it is no longer there; there\nis no state."),
        ("a.md", "A frobsing plan, some example"),
    ],
)
def test_other_uses_are_correct(file: str, text: str) -> None:
    assert lines(file, text) == []


def test_an_exception_with_a_reason_allows_words_in_its_line_and_the_next() -> None:
    text = (
        "# prose: allow frobs, is no - AWS calls it that\n"
        "a = 'It frobs.'\n"
        "b = 'It frobs.'\n"
        "c = 'It frobs.'  # prose: allow frobs\n"
        "d = 'It frobs.'  # prose: allow is no - another word\n"
    )
    assert set(lines("a.py", text)) == {"3: frobs", "4: frobs", "5: frobs"}


def test_the_tables_of_the_guide_itself_are_left_out() -> None:
    assert lines("docs/style.md", GUIDE) == []
    assert lines("docs/style.md", f"{GUIDE}\nIt frobs.\n") == ["22: frobs"]


def test_the_project_s_guide_has_words_of_both_kinds() -> None:
    words = table((ROOT / "docs" / "style.md").read_text(encoding="utf-8"))
    assert "found" in words.names
    assert "anew" in words.text  # prose: allow anew - a word of the table


def test_the_program_prints_findings_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run([GIT, "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "style.md").write_text(GUIDE, encoding="utf-8")
    (tmp_path / "a.py").write_text("# correct\n", encoding="utf-8")
    assert main(tmp_path, ("a.py", "docs/")) == 0
    (tmp_path / "a.py").write_text("# It frobs.\n", encoding="utf-8")
    assert main(tmp_path, ("b.py", "docs/")) == 0
    assert capsys.readouterr().out == ""
    assert main(tmp_path, ("a.py", "docs/")) == 1
    assert capsys.readouterr().out == "a.py:1: frobs: write `changes`\n"


def test_a_misspelling_is_found_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("# A page\n\nA plan is recieved.\n", encoding="utf-8")  # codespell:ignore
    command = [sys.executable, "-m", "codespell_lib", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == f"{file}:3: recieved ==> received\n"  # codespell:ignore
