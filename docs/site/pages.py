"""The input of MkDocs: docs/ with generated pages and a navigation; `make site` runs it.

MkDocs renders with Python-Markdown, the pages are written for GitHub's CommonMark: the copies have
the indentation and the links that MkDocs understands.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_SITE: Final = Path(__file__).parent
_MERMAID: Final = _SITE / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
_AT_ROOT: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    ".github/CONTRIBUTING.md": "contributing.md",
    ".github/SECURITY.md": "security.md",
}
"""Pages next to docs/, and their places on the site."""
_LINK: Final = re.compile(r"(!?)\[((?:[^][]|\[[^]]*\])*)\]\(([^)\s]+)\)")
_SOURCE: Final = re.compile(r'(src(?:set)?=")docs/')
_FENCE: Final = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)

NAVIGATION: Final[Mapping[str, Sequence[str]]] = {
    "Home": ["index.md"],
    "Tutorial": ["tutorial.md"],
    "How to": [
        *("how-to/first-deploy.md", "how-to/doctor.md", "how-to/acceptance.md"),
        *("how-to/project.md", "how-to/own-stacks.md", "how-to/adopt.md"),
        *("how-to/review.md", "how-to/pull-requests.md", "how-to/drill.md", "how-to/*.md"),
        "runbooks/*.md",
    ],
    "Reference": [
        *("reference/settings.md", "reference/commands.md", "reference/output.md"),
        *("reference/cost.md", "reference/architecture.md"),
        *("reference/rules.md", "reference/status.md"),
        *("reference/terraform-modules.md", "modules/*.md", "reference/*.md", "changelog.md"),
    ],
    "Explanation": [
        *("explanation/why.md", "explanation/failover.md", "explanation/*.md"),
        *("reviews/*.md", "adr/*.md"),
    ],
    "Project": ["contributing.md", "style.md", "security.md"],
}
"""The pages by section; a pattern means all pages of a folder that are not named."""
_SUBSECTIONS: Final = {
    "runbooks": "Runbooks",
    "modules": "Modules",
    "reviews": "Examples of reviews",
    "adr": "Decisions",
}


def main(build: Path) -> None:
    """Write the pages into `build`/pages, and the configuration that builds `build`/site."""
    pages = build / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("site", "__pycache__"))
    for source in (ROOT / "docs").rglob("*.md"):
        if not source.is_relative_to(_SITE):
            _write(pages / source.relative_to(ROOT / "docs"), _for_mkdocs(source))
    for name, page in _AT_ROOT.items():
        _write(pages / page, _for_mkdocs(ROOT / name))
    (pages / "assets").mkdir()
    shutil.copy(_SITE / "site.css", pages / "assets")
    shutil.copy(_MERMAID, pages / "assets" / "mermaid.js")
    config = {
        "INHERIT": str(_SITE / "mkdocs.yml"),
        "docs_dir": str(pages.resolve()),
        "site_dir": str((build / "site").resolve()),
        "nav": navigation(pages),
    } | ({"repo_url": url} if (url := _repository()) else {})
    # JSON is YAML.
    _write(build / "mkdocs.yml", json.dumps(config, indent=2))


def navigation(pages: Path) -> list[dict[str, object]]:
    """Return MkDocs's navigation of all pages."""
    named = {name for names in NAVIGATION.values() for name in names}
    return [
        {section: names[0] if len(names) == 1 else [*_entries(pages, names, named)]}
        for section, names in NAVIGATION.items()
    ]


def _entries(pages: Path, names: Sequence[str], named: set[str]) -> Iterator[object]:
    for name in names:
        folder, _, pattern = name.rpartition("/")
        if pattern != "*.md":
            yield name
            continue
        files = sorted(pages.glob(name), key=lambda file: (file.name != "README.md", file))
        others = [page for file in files if (page := str(file.relative_to(pages))) not in named]
        yield from [{_SUBSECTIONS[folder]: others}] if folder in _SUBSECTIONS else others


def _for_mkdocs(source: Path) -> str:
    """Return a page with links and Markdown as MkDocs reads them."""
    text = _LINK.sub(lambda link: _link(source, link), source.read_text(encoding="utf-8"))
    text = re.sub(r"\A#+ ", "# ", text)  # a review is part of a page on GitHub
    return portable(_SOURCE.sub(r"\1", text))


def portable(text: str) -> str:
    """Return CommonMark as Python-Markdown reads it.

    Nested lists are indented by four spaces, a list begins after an empty line, and Markdown in
    `details` is marked.
    """
    parts, begin = list[str](), 0
    for fence in _FENCE.finditer(text):
        # One that begins in a list moves with it; the lines of others are the output of a command.
        code = _indented(fence[0]) if fence[0].startswith(" ") else fence[0]
        parts += [_prose(text[begin : fence.start()]), code]
        begin = fence.end()
    return "".join([*parts, _prose(text[begin:])])


def _prose(text: str) -> str:
    text = re.sub(r"^((?![ |>]|[-*] |\d+\. ).+)\n(?=[-*] )", r"\1\n\n", text, flags=re.MULTILINE)
    return _indented(text).replace("<details>", '<details markdown="1">')


def _indented(text: str) -> str:
    return re.sub(r"^ {2,3}(?=[^\s<])", "    ", text, flags=re.MULTILINE)


def _link(source: Path, link: re.Match[str]) -> str:
    """Return a link of a page for its place on the site.

    A file that is not on the site is linked in the repository if its address is known.
    """
    image, text, target = link.groups()
    path, _, anchor = target.partition("#")
    if re.match(r"\w+:", target) or not path:
        return link[0]
    file = (source.parent / path).resolve()
    place = _place(file)
    if place is None:
        url = _repository()
        return f"[{text}]({url}/blob/main/{file.relative_to(ROOT)})" if url else text
    here = (_place(source) or Path()).parent
    relative = os.path.relpath(place, here)
    return f"{image}[{text}]({relative}{'#' if anchor else ''}{anchor})"


def _place(file: Path) -> Path | None:
    """Return the path of a page on the site, or None if it is not there."""
    name = file.relative_to(ROOT)
    if str(name) in _AT_ROOT:
        return Path(_AT_ROOT[str(name)])
    docs = ROOT / "docs"
    if file.is_dir():
        # The first of the navigation, which puts a pattern after the pages that it names.
        names = (name for names in NAVIGATION.values() for name in names)
        pages = [page for name in names for page in sorted(docs.glob(name))]
        return next((_place(page) for page in pages if page.parent == file), None)
    is_page = file.is_relative_to(docs) and not file.is_relative_to(_SITE)
    return file.relative_to(docs) if is_page else None


def _repository() -> str | None:
    """Return the address of the repository on GitHub, in one of its workflows."""
    name = os.environ.get("GITHUB_REPOSITORY")
    return f"{os.environ['GITHUB_SERVER_URL']}/{name}" if name else None


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
