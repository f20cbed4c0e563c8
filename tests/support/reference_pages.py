"""The pages of the commands and of the emitted modules, which `make docs` writes into docs/."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from typer.core import TyperGroup

from iot_dr.cli.commands import LazyCommand, app
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from iot_dr.emit.pages import module_path
from tests.support.command import ROOT

_HEAD = """\
# Commands

Generated from `iot-dr --help` and `iot-dr COMMAND --help`. In a clone of the repository `iot-dr` is
`.venv/bin/iot-dr`; `make help` lists the targets that call it.
"""


_DOCS = ROOT / "docs"


def main() -> None:
    """Write the pages."""
    (_DOCS / "reference" / "commands.md").write_text(commands_page(), encoding="utf-8")
    with TemporaryDirectory() as folder:
        emit(list(CATALOGUE), Path(folder), force=True)
        for name, text in module_pages(Path(folder)).items():
            (_DOCS / "modules" / f"{name}.md").write_text(text, encoding="utf-8")


def module_pages(emitted: Path) -> Mapping[str, str]:
    """Return the READMEs of all emitted modules, keyed by the module's name."""
    files = {name: emitted / module_path(name) / "README.md" for name in CATALOGUE}
    return {name: _module_page(file.read_text(encoding="utf-8")) for name, file in files.items()}


def _module_page(text: str) -> str:
    # Files next to the README are not in docs/; terraform-docs escapes the names of anchors.
    text = re.sub(r"\[([^]]*)\]\((?!\w+:|#)[^)]*\)", r"\1", text)
    return re.sub(r"(?<=\]\(#)[^)]*", lambda anchor: anchor[0].replace("\\", ""), text)


def commands_page() -> str:
    """Return the page: a section for each command, in the order of `iot-dr --help`."""
    lines = (line for command in app.commands.values() for line in _of(command))
    return "\n".join([_HEAD, *lines]).rstrip("\n") + "\n"


def _of(command: object) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        yield f"## iot-dr {command.name}\n\n{command.help}\n"
        for part in command.commands.values():
            if isinstance(part, LazyCommand):
                yield from _section(part, f"### iot-dr {command.name} {part.name}")
    elif isinstance(command, LazyCommand):
        yield from _section(command, f"## iot-dr {command.name}")


def _section(command: LazyCommand, heading: str) -> Iterator[str]:
    """Yield a command's heading, description and table of arguments and options."""
    loaded = command.loaded()
    yield f"{heading}\n\n{_paragraphs(loaded.help)}\n"
    rows = [_row(each) for each in loaded.params if not getattr(each, "hidden", False)]
    if rows:
        yield "\n".join(["| argument or option | meaning |", "|---|---|", *rows, ""])


def _row(parameter: object) -> str:
    """Return the row of an argument or option; its class differs between versions of typer."""
    names: list[str] = getattr(parameter, "opts", [])
    metavar = getattr(parameter, "metavar", None) or ""
    is_option = names[0].startswith("-")
    shown = f"{', '.join(names)} {metavar}".strip() if is_option else metavar or names[0].upper()
    facts: list[str] = [" ".join((getattr(parameter, "help", None) or "").split())]
    default = getattr(parameter, "default", None)
    if getattr(parameter, "required", False):
        facts.append("Required.")
    if is_option and _is_shown(default):
        facts.append(f"Default: `{default}`.")
    if variable := getattr(parameter, "envvar", None):
        facts.append(f"Environment variable: `{variable}`.")
    return f"| `{_cell(shown)}` | {_cell(' '.join(facts))} |"


def _is_shown(default: object) -> bool:
    return isinstance(default, (str, int, float)) and default not in {"", False}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


if __name__ == "__main__":
    main()
