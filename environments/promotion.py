"""The order in which environments take a commit over from each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from environments import document
from environments.errors import Mistake
from environments.folder import block_of, data_of, files
from environments.regions import nearest

_KEY: Final = ("pipeline", "promoted_from")
_BRANCH: Final = ("pipeline", "branch")


def about_branch(source: document.Document, name: str, folder: Path) -> Iterator[Mistake]:
    """Yield a branch that another environment has already, in the same repository."""
    block = _block(source.data)
    own = (block.get("repository"), block.get("branch"))
    if None in own:
        return
    blocks = {
        each: _block(data_of(path) or {}) for each, path in files(folder).items() if each != name
    }
    others = [
        each
        for each, other in blocks.items()
        if (other.get("repository"), other.get("branch")) == own
        # One that is promoted from here is told of it in its own file.
        and other.get("promoted_from") != name
    ]
    if others:
        message = (
            f"is the branch of {' and '.join(others)} too, and every push would be rolled out in"
            " each: name another one"
        )
        yield Mistake(f"{name}.yaml", source.lines.get(_BRANCH), ".".join(_BRANCH), own[1], message)


def about_promotion(source: document.Document, name: str, folder: Path) -> Iterator[Mistake]:
    """Yield what is wrong with `promoted_from` in the document of the environment `name`.

    The environment that it names must have a file with a pipeline, and not wait for this one.
    """
    given = _block(source.data).get("promoted_from")
    if not isinstance(given, str):
        return
    if message := _fault(given, name, folder):
        yield Mistake(f"{name}.yaml", source.lines.get(_KEY), ".".join(_KEY), given, message)


def _fault(given: str, name: str, folder: Path) -> str:
    there = files(folder)
    if given not in there:
        hint = nearest(given, there)
        others = ", ".join(sorted(set(there) - {name})) or "none"
        return f"is no environment here; {f'{hint} ' if hint else ''}there are: {others}"
    way = [name]
    at: object = given
    while isinstance(at, str) and at in there and at not in way:
        way.append(at)
        data = data_of(there[at])
        block = _block(data or {})
        if at == given and data is not None and not block:
            return "has no pipeline, and so no branch to be promoted from"
        at = block.get("promoted_from")
    if at == name:
        circle = " <- ".join([*way, name])
        return f"waits for this one: {circle}; set null in the one whose commits come first"
    return ""


def _block(data: dict[str, object]) -> dict[str, Any]:
    return block_of(data, "pipeline") or {}
