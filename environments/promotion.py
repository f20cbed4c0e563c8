"""The order in which environments take a commit over from each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from environments import document
from environments.errors import Mistake, SettingsError
from environments.regions import nearest

_KEY: Final = ("pipeline", "promoted_from")


def about_promotion(source: document.Document, name: str, folder: Path) -> Iterator[Mistake]:
    """Yield what is wrong with `promoted_from` in the document of the environment `name`.

    The environment that it names must have a file with a pipeline, and not wait for this one.
    """
    given = _block(source.data).get("promoted_from")
    if not isinstance(given, str):
        return
    branch = _block(source.data).get("branch")
    message = _fault(given, name, folder) or _same_branch(given, branch, folder)
    if message:
        yield Mistake(f"{name}.yaml", source.lines.get(_KEY), ".".join(_KEY), given, message)


def _fault(given: str, name: str, folder: Path) -> str:
    files = {path.stem: path for path in folder.glob("[a-z]*.yaml")}
    if given not in files:
        hint = nearest(given, files)
        there = ", ".join(sorted(set(files) - {name})) or "none"
        return f"is no environment here; {f'{hint} ' if hint else ''}there are: {there}"
    way = [name]
    at: object = given
    while isinstance(at, str) and at in files and at not in way:
        way.append(at)
        block = _read(files[at])
        if at == given and not block:
            return "has no pipeline, and so no branch to be promoted from"
        at = block.get("promoted_from")
    if at == name:
        return f"waits for this one: {' <- '.join([*way, name])}"
    return ""


def _same_branch(given: str, branch: object, folder: Path) -> str:
    if branch != _read(folder / f"{given}.yaml").get("branch"):
        return ""
    return f"has the same branch, {branch}: every commit would be promoted as it is pushed"


def _read(path: Path) -> dict[str, Any]:
    """Give the pipeline's block of another file; what is wrong with that file, it tells itself."""
    try:
        return _block(document.read(path.read_bytes(), path.name).data)
    except (OSError, SettingsError):
        return {}


def _block(data: dict[str, object]) -> dict[str, Any]:
    block = data.get("pipeline")
    return cast("dict[str, Any]", block) if isinstance(block, dict) else {}
