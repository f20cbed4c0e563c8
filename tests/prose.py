"""The word check of `make lint`: text avoids the words that docs/style.md replaces.

Its tables with the head `instead of | write` list them in backticks. Those in the section "Names"
are checked where Python code defines a name, the others in the whole text of a file. Names in the
list under "Stored names stay" are not checked. A line with `prose: allow WORD, WORD - REASON` may
contain these words, and so may the line below it.
`python -m tests.prose iot_dr/cli/` checks one folder.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
SUFFIXES: Final = (".cjs", ".md", ".py", ".sh", ".toml", ".yaml", ".yml", "Makefile")

UNCHECKED: Final = (
    "stacks/builds/take-code.sh",  # part of the synthesized buildspecs, which must not change
    "iot_dr/common/renamed_keys.py",  # lists old names
)

_IDIOMS: Final = ("there is no", "there are no", "is no longer", "are no longer")
_IDIOM: Final = re.compile(
    r"there[\s_#\"]+(?:is|are)[\s_#\"]+no|(?:is|are)[\s_#\"]+no[\s_#\"]+longer", re.IGNORECASE
)
_ALLOWED: Final = re.compile(r"prose: allow ([a-z, ]+) - \S")
_TOKEN: Final = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SEPARATOR: Final = r"""[\s_#"'`*-]+"""
_TEXT: Final = r"(?:(?<![A-Za-z-])|(?<=[a-z])(?=[A-Z]))(?i:WORD)(?![a-z-])"
# Assignments, loops except one-line comprehensions, parameters and fields, `as`, `:=`.
_NAME: Final = (
    r"^ *(?:[\w*]+, )*WORD(?:, [\w*]+)*(?:: [^=\n]+)? = "
    r"|^ *(?:async )?for (?:[\w(*]+, )*\(?WORD\b[\w,() ]* in "
    r"|(?:^ *|[(,] ?\**)WORD: (?=[\w\"\[])"
    r"|\bas WORD(?=[:,)]|$)|\b(?:def|class) WORD\b|\bWORD :="
)


class Words(NamedTuple):
    """Words and phrases in lower case, each with what to write instead, and names that stay."""

    names: dict[str, str]
    text: dict[str, str]
    stored: tuple[str, ...] = ()


def table(style: str) -> Words:
    """Return the words of a style guide's tables."""
    stored = re.search("^Stored names stay.*", style, re.MULTILINE)
    words = Words({}, {}, tuple(re.findall("`([^`]+)`", stored[0])) if stored else ())
    for section in style.split("\n## "):
        target = words.names if section.startswith("Names\n") else words.text
        for rows in re.findall(r"\n\| instead of \| write \|\n.*\n((?:\|.*\n)+)", section):
            for row in rows.splitlines():
                avoided, instead = row.strip("| ").split(" | ")
                target.update(dict.fromkeys(re.findall("`([^`]+)`", avoided), instead))
    return words


def findings(file: str, text: str, words: Words) -> Iterator[str]:
    """Return a line for each use of a word, as `FILE:LINE: WORD: what to write`."""
    if file == "docs/style.md":  # its own tables
        text = re.sub(r"^\|.*", "", text, flags=re.MULTILINE)
    for name in words.stored:
        text = text.replace(name, "-" * len(name))
    tokens = f" {_plain(text)} "
    for idiom in _IDIOMS:
        tokens = tokens.replace(idiom, "-")
    names = words.names if file.endswith(".py") else {}
    for pattern, instead in ((_TEXT, words.text), (_NAME, names)):
        present = [word for word in instead if f" {word} " in tokens]
        if not present:
            continue
        text = _IDIOM.sub(lambda idiom: re.sub(r"\S", "-", idiom[0]), text)
        any_word = "|".join(word.replace(" ", _SEPARATOR) for word in present)
        for use in re.finditer(pattern.replace("WORD", f"({any_word})"), text, re.MULTILINE):
            word = next(_plain(group) for group in use.groups() if group)
            line = text.count("\n", 0, use.end()) + 1
            if word not in _exceptions(text, line):
                yield f"{file}:{line}: {word}: write {instead[word]}"


def _plain(text: str) -> str:
    """Return the words of a text, and those inside names, in lower case with a space between."""
    words: list[str] = _TOKEN.findall(text)
    return " ".join(words).lower()


def _exceptions(text: str, line: int) -> list[str]:
    """Return the words that are allowed in a line; the first line is 1."""
    near = "\n".join(text.splitlines()[max(line - 2, 0) : line])
    return [word for words in _ALLOWED.findall(near) for word in words.split(", ")]


def main(root: Path, checked: tuple[str, ...] = ()) -> int:
    """Print the findings in these files and folders; return the exit status, 1 with findings.

    Without an argument, all files but UNCHECKED are checked.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    words = table((root / "docs" / "style.md").read_text(encoding="utf-8"))
    status = 0
    for file in listed.splitlines():
        chosen = file.startswith(checked) if checked else not file.startswith(UNCHECKED)
        if not (chosen and file.endswith(SUFFIXES) and (root / file).exists()):
            continue
        for finding in findings(file, (root / file).read_text(encoding="utf-8"), words):
            print(finding)  # noqa: T201 - the program's output
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(ROOT, tuple(sys.argv[1:])))
