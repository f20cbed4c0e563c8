"""Settings that have a new name; a file may use the old name for one version.

In the version after it, the old name is a mistake that names the new one.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from environments import document
from environments.document import Document, Steps

REMOVED_IN: Final = "0.3"
"""The version that refuses the old names. With the next one delete this module, and call
`document.read`."""

RENAMED_SETTINGS: Final[Mapping[Steps, str]] = {
    ("leaving",): "leaving_regions",
    ("pipeline", "active"): "active_region",
    ("pipeline", "bake"): "bake_minutes",
    ("data", "provisioning", "by"): "method",
}
"""The new name of each renamed setting, by the path to its old one."""

_warned: Final[set[str]] = set()


def read(content: bytes, file: str) -> Document:
    """Parse a settings file as `document.read` does, with each renamed setting under its new name.

    If a file has both names, the new one counts and the document has a mistake.
    """
    source = document.read(content, file)
    for steps, new_name in RENAMED_SETTINGS.items():
        source = _with_new_name(source, steps, new_name)
    return source


def warn(source: Document) -> None:
    """Print a warning on stderr for each old name in a file, once in a process."""
    for steps, new_name in RENAMED_SETTINGS.items():
        if steps not in source.lines or not _is_accepted():
            continue
        message = f"renamed to {new_name}; the old name is accepted until {REMOVED_IN}"
        warning = str(source.mistake(steps, message))
        if warning not in _warned:
            _warned.add(warning)
            sys.stderr.write(f"{warning}\n")


def _with_new_name(source: Document, steps: Steps, new_name: str) -> Document:
    *parents, old_name = steps
    if steps not in source.lines:
        return source
    new_steps = (*parents, new_name)
    is_twice = new_steps in source.lines
    given = "which is given too; expected only" if is_twice else f"since {REMOVED_IN}: write"
    mistake = source.mistake(steps, f"is the old name of {new_name}, {given} {new_name}")
    if is_twice:
        data = _renamed(source.data, parents, old_name, None)
        return replace(source, data=data, mistakes=(*source.mistakes, mistake))

    def moved(path: Steps) -> Steps:
        return (*new_steps, *path[len(steps) :]) if path[: len(steps)] == steps else path

    return replace(
        source,
        data=_renamed(source.data, parents, old_name, new_name),
        # The old path stays too: it says that the old name was used, and in which line.
        lines=source.lines | {moved(path): line for path, line in source.lines.items()},
        refused=frozenset(map(moved, source.refused)),
        empty=frozenset(map(moved, source.empty)),
        # Under the new name too, a refused one: a required setting is not missing as well.
        mistakes=source.mistakes if _is_accepted() else (*source.mistakes, mistake),
    )


def _is_accepted() -> bool:
    # 20 ms, for files with an old name only.
    from importlib.metadata import version  # noqa: PLC0415 - see above

    first, second, *_ = version("iot-dr").split(".")
    return [int(first), int(second)] < [*map(int, REMOVED_IN.split("."))]


def _renamed(
    data: Mapping[str, Any], parents: Sequence[Any], old_name: str | int, new_name: str | None
) -> dict[str, Any]:
    """Return `data` with another key for a value, or without the value if `new_name` is None."""
    if parents:
        first, *rest = parents
        inner = data[first]
        # A block that is given twice, and not as a mapping the first time, is a mistake already.
        if isinstance(inner, dict):
            inner = _renamed(cast("dict[str, Any]", inner), rest, old_name, new_name)
        return {**data, first: inner}
    renamed = ((new_name if key == old_name else key, value) for key, value in data.items())
    return {key: value for key, value in renamed if key is not None}
