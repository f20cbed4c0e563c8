"""The site of the documentation: its generated pages, and that MkDocs builds it strictly."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from docs.site.pages import main, navigation, portable
from iot_dr.cli.commands import app, groups
from tests.support.command import ROOT
from tests.support.emitted import emitted_modules
from tests.support.reference_pages import commands_page, module_pages


def test_the_page_of_the_commands_has_each_with_its_options() -> None:
    page = commands_page()
    named = re.findall(r"^##+ (iot-dr .+)$", page, re.MULTILINE)
    expected = {f"iot-dr {name}" for name in app.commands}
    expected |= {f"iot-dr {name} {part}" for name in groups for part in groups[name].commands}
    assert set(named) == expected
    assert len(named) == len(expected)
    row = next(line for line in page.splitlines() if line.startswith("| `--outage KIND`"))
    assert "Default: the monthly kinds." in row


def test_the_pages_of_commands_and_modules_are_as_generated(tmp_path: Path) -> None:
    pages = {f"modules/{n}.md": t for n, t in module_pages(emitted_modules(tmp_path / "m")).items()}
    pages["reference/commands.md"] = commands_page()
    assert {f"modules/{each.name}" for each in (ROOT / "docs/modules").iterdir()} < set(pages)
    old = [
        name for name, text in pages.items() if (ROOT / "docs" / name).read_text("utf-8") != text
    ]
    assert old == [], "run `make docs`"


def test_markdown_of_github_becomes_markdown_of_mkdocs() -> None:
    text = "**Rejected.**\n- one\n  - two\n\n```text\n- three\n  + four\n```\n<details>\n"
    assert portable(text) == (
        "**Rejected.**\n\n- one\n    - two\n\n"
        "```text\n- three\n  + four\n```\n"
        '<details markdown="1">\n'
    )


def test_a_new_page_is_in_the_navigation(tmp_path: Path) -> None:
    for name in ("index.md", "how-to/new.md", "adr/README.md", "adr/0099-new.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    text = str(navigation(tmp_path))
    assert text.count("'how-to/new.md'") == 1
    assert "{'Decisions': ['adr/README.md', 'adr/0099-new.md']}" in text


@pytest.mark.exhaustive
def test_mkdocs_builds_the_site_strictly_and_it_needs_no_other_host(tmp_path: Path) -> None:
    main(tmp_path)
    done = subprocess.run(
        [ROOT / ".venv/bin/mkdocs", "build", "--strict", "--config-file", tmp_path / "mkdocs.yml"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = [*(tmp_path / "site").rglob("*.html")]
    assert len(pages) > 80
    for page in pages:
        loaded = re.findall(
            r"<(?:script|img|link rel=\"stylesheet\")[^>]* (?:src|href)=\"?(https?:[^\" >]+)",
            page.read_text(encoding="utf-8"),
        )
        assert loaded == [], page
