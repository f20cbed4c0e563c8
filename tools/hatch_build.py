"""The wheel's layout: all of it is below `iot_dr` (docs/adr/0030-packages-in-one-order.md).

The repository's other packages become `iot_dr._app.environments` and so on, and every import of
them gets that prefix. A page of the documentation, which the wheel has not, becomes its address, or
its title if pyproject.toml names no address. An editable install keeps the repository's layout.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_APP: Final = "iot_dr/_app"
_PREFIXES: Final = {
    "environments": "iot_dr._app.",
    "modules": "iot_dr._app.",
    "stacks": "iot_dr._app.",
    # `_app/functions` is data: a function's zip contains its files under the name `functions`.
    "functions": "iot_dr._app.importable.",
}
# `iot-dr init` copies them, and `iot-dr emit` the licence.
_DATA: Final = (
    *(".github/actions/setup/action.yml", ".github/workflows/apply.yml"),
    *(".github/workflows/plan.yml", ".github/workflows/wave.yml", ".npmrc", "LICENSE"),
    *("cdktf.json", "main.py", "package-lock.json", "package.json", "requirements.lock"),
    "locks/requirements-cdktn.lock",
)
_NAME_IN_STRING: Final = re.compile(rf"({'|'.join(_PREFIXES)})(\.[a-z_]+)*\.?")
# A title stands in strings of Python, too.
_OF_STRINGS: Final = str.maketrans({"`": "", '"': "", "'": "\N{RIGHT SINGLE QUOTATION MARK}"})
# Not the id of a construct, which ends with a page after a colon.
_PAGE: Final = re.compile(rb"(?<![\w/.:-])docs/[\w/-]+\.md")
_INIT: Final = (
    b'"""Packages that the repository has at its top level; see hatch_build.py there."""\n'
)


class WheelLayout(BuildHookInterface[Any]):
    """The build hook that hatchling calls."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the wheel's files into a temporary folder, which hatchling includes."""
        if version == "editable":
            return
        self._folder = TemporaryDirectory(prefix="iot-dr-wheel-")
        for name, content in wheel_files(Path(self.root)).items():
            path = Path(self._folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        build_data["force_include"][f"{self._folder.name}/iot_dr"] = "iot_dr"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Remove the temporary folder."""
        if version != "editable":
            self._folder.cleanup()


def wheel_files(root: Path) -> dict[str, bytes]:
    """Return the wheel's files by path, from the repository `root`; metadata is not among them."""
    files = {f"{_APP}/__init__.py": _INIT, f"{_APP}/importable/__init__.py": _INIT}
    for name in _DATA:
        files[f"{_APP}/{name}"] = linked((root / name).read_bytes(), root)
    for folder in ("iot_dr", "environments", "modules", "stacks", "functions"):
        for path in _sources(root / folder):
            name, content = path.relative_to(root).as_posix(), path.read_bytes()
            moved = prefixed(content, name) if path.suffix == ".py" else content
            moved = linked(moved, root) if folder != "functions" else moved
            if folder == "iot_dr":
                files[name] = moved
            elif folder == "functions":
                files[f"{_APP}/{name}"] = content
                files[f"{_APP}/importable/{name}"] = moved
            # The environments of a project are its user's.
            elif folder != "environments" or path.suffix != ".yaml":
                files[f"{_APP}/{name}"] = moved
    return files


def linked(content: bytes, root: Path) -> bytes:
    """Return text that names pages by their address at `docs-url`, or else by their title.

    Raises ValueError for a page that does not exist.
    """
    base = _docs_url(root)

    def named(match: re.Match[bytes]) -> bytes:
        page = root / match[0].decode()
        if not page.is_file():
            raise ValueError(f"{match[0].decode()}: no such page")
        if base:
            return f"{base}/{match[0].decode()}".encode()
        title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        return f"the page `{title.translate(_OF_STRINGS)}`".encode()

    return _PAGE.sub(named, content)


@cache
def _docs_url(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    return (
        str(hook.get("docs-url", "")).rstrip("/").replace("VERSION", project["project"]["version"])
    )


def _sources(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder without caches and hidden files."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in parts):
            yield path


def prefixed(source: bytes, name: str) -> bytes:
    """Return Python source with prefixes added to its absolute imports of packages that move.

    Raises ValueError where it cannot add one: `import stacks.stage` would bind another name, and
    a string may be anything.
    """
    tree = ast.parse(source, name)
    lines = source.splitlines(keepends=True)
    inserts = set[tuple[int, int, str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [(node.module or "", node.lineno, node.col_offset + len("from "))]
        elif isinstance(node, ast.Import):
            modules = [(alias.name, alias.lineno, alias.col_offset) for alias in node.names]
        elif isinstance(node, ast.Call):
            _refuse_name_in_string(node, name)
            continue
        else:
            continue
        for module, line, column in modules:
            prefix = _PREFIXES.get(module.partition(".")[0])
            if prefix is None:
                continue
            if isinstance(node, ast.Import) and not all(alias.asname for alias in node.names):
                raise ValueError(f"{name}:{line}: write `from {module} import` or `import ... as`")
            if not lines[line - 1][column:].startswith(module.encode()):
                raise ValueError(f"{name}:{line}: write `from {module}` with one space")
            inserts.add((line - 1, column, prefix))
    for line, column, prefix in sorted(inserts, reverse=True):
        lines[line] = lines[line][:column] + prefix.encode() + lines[line][column:]
    return b"".join(lines)


def _refuse_name_in_string(call: ast.Call, name: str) -> None:
    """Raise ValueError if an import at run time names a package that moves."""
    function = ast.unparse(call.func).rpartition(".")[2]
    if function in {"import_module", "find_spec", "run_module", "__import__", "files"}:
        for node in ast.walk(call):
            if isinstance(node, ast.Constant) and _NAME_IN_STRING.fullmatch(str(node.value)):
                message = f"{name}:{call.lineno}: {node.value!r} has another name in the wheel"
                raise ValueError(f"{message}; build it from __package__")
