"""Commands that the documentation names: each exists, with the options that the pages give it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from typer.core import TyperGroup

from iot_dr.cli.commands import LazyCommand, app
from tests.support.command import ROOT

# Decisions also name what was removed.
PAGES: Final = [
    ROOT / "README.md",
    ROOT / ".github" / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "adr"),
]
_NAMED: Final = re.compile(r"(?:`|^\$ |^ {4,})(?:\.venv/bin/)?iot-dr ([^`\n]+)", re.MULTILINE)
_SHELL: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ALWAYS: Final = {"--help"}


def named(text: str) -> Iterator[str]:
    """Yield the arguments of each `iot-dr` that a text shows as code."""
    shell = "\n".join(re.sub("^", "$ ", part, flags=re.MULTILINE) for part in _SHELL.findall(text))
    return (match[1].partition(" # ")[0] for match in _NAMED.finditer(f"{text}\n{shell}"))


def unknown(arguments: str) -> str | None:
    """Return what does not exist of a command line, or None."""
    if re.match(r"[A-Z\[.]|--(version|quiet|help)", arguments):
        return None
    words = re.findall(r"[^\s|;&]+", re.split(r"[|;&]| -- ", arguments)[0])
    command: object = app
    while isinstance(command, TyperGroup):
        name = words.pop(0) if words else ""
        alternatives = [command.commands.get(each) for each in name.split("|")]
        if not name or name[0].isupper():
            return None
        if None in alternatives:
            return name
        command = alternatives[0]
    assert isinstance(command, LazyCommand)
    options = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
    wrong = options - _options(command) - _ALWAYS
    return ", ".join(sorted(wrong)) or None


@cache
def _options(command: LazyCommand) -> frozenset[str]:
    return frozenset(name for each in command.loaded().params for name in each.opts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_exist(page: Path) -> None:
    wrong = {
        line: what for line in named(page.read_text(encoding="utf-8")) if (what := unknown(line))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("`iot-dr rto --env dev`", None),
        ("`iot-dr rtoo`", "rtoo"),
        ("    iot-dr drill run --env dev --outages kill\n", "--outages"),
        ("$ iot-dr switch aside eu-west-1\n", "aside"),
        ("```sh\niot-dr rto --fast\n```\n", "--fast"),
    ],
)
def test_what_does_not_exist_is_found(text: str, what: str | None) -> None:
    assert [unknown(line) for line in named(text)] == [what]
