"""The project's root: the folder with `cdktf.json` and the user's files.

Installed code never looks for its own files here (docs/adr/0033-project-root.md).
"""

import os
import re
from pathlib import Path
from typing import Any, Final, cast

from environments.bounded_file import LARGEST_SETTINGS, content_of
from environments.errors import ABSENT, Mistake, SettingsError
from environments.json_text import parsed_json

ROOT_VARIABLE: Final = "IOT_DR_ROOT"
"""The environment variable that names the project's root."""

RECORD: Final = ".iot-dr/project.json"
"""The file in a project that names the version of iot-dr which generated its files."""

MARK: Final = "cdktf.json"
"""The file in the root of a project."""

ENGINE_KEY: Final = "iot-dr:engine"
"""The key in its `context` that names the engine."""

_ENVIRONMENTS: Final = "environments"


class NoProjectError(SettingsError):
    """The working directory is not in a project, and IOT_DR_ROOT is not set."""


def project_root() -> Path:
    """Return the folder that `IOT_DR_ROOT` names, or else the nearest one with a `cdktf.json`.

    Nearest is the working directory, or the first above it.

    Raises:
        SettingsError: `IOT_DR_ROOT` names a folder without that file, or another project than the
            one around the working directory; or a newer version of iot-dr generated the project.
        NoProjectError: it is not set, and no folder has that file.
    """
    here = Path.cwd()
    nearest = _nearest(here)
    named = os.environ.get(ROOT_VARIABLE)
    if named:
        if not Path(named, MARK).is_file():
            raise _wrong_variable(f"{named} has no {MARK}; expected the project's folder")
        if nearest and not nearest.samefile(named):
            raise _wrong_variable(
                f"names the project {named}, and the working directory is in {nearest};"
                " unset the variable, or change to the project's folder"
            )
        return _readable(Path(named).absolute())
    if nearest:
        return _readable(nearest)
    message = (
        f"{here} is not in a project: neither it nor a folder above it has a {MARK};"
        f" change to the project's folder, or set {ROOT_VARIABLE}"
    )
    raise NoProjectError((Mistake("working directory", None, "", ABSENT, message),))


def _nearest(here: Path) -> Path | None:
    return next((each for each in (here, *here.parents) if (each / MARK).is_file()), None)


def project_engine(root: Path | None = None) -> str | None:
    """Return the engine that `cdktf.json` of the project names; None if it names none.

    The project is that in `root`, by default the one that `project_root` finds. None without a
    project and for a file that cannot be read: a command that needs it says what is wrong.
    """
    try:
        root = root or Path(os.environ.get(ROOT_VARIABLE) or _nearest(Path.cwd()) or "")
        mark = cast("dict[str, Any]", parsed_json(content_of(Path(root, MARK), LARGEST_SETTINGS)))
        engine = mark["context"][ENGINE_KEY]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return str(engine)


def _wrong_variable(message: str) -> SettingsError:
    return SettingsError((Mistake(ROOT_VARIABLE, None, "", ABSENT, message),))


def environments_folder() -> Path:
    """Return the folder of the settings files; raises what `project_root` raises."""
    return project_root() / _ENVIRONMENTS


def settings_file(environment: str) -> str:
    """Return the path of an environment's settings file from the project's root, for messages."""
    return f"{_ENVIRONMENTS}/{environment}.yaml"


def generated_version(root: Path) -> str | None:
    """Return the version of iot-dr that generated the project; None if it was not generated.

    Raises SettingsError if the record cannot be read.
    """
    file = root / RECORD
    try:
        if not file.exists():
            return None
        record = cast("dict[str, object]", parsed_json(content_of(file, LARGEST_SETTINGS)))
        number = str(record["version"])
        if not re.fullmatch(r"[\w.+!-]{1,40}", number):
            raise ValueError("version: must be that of iot-dr")
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = f"cannot be read ({error}); restore it from version control"
        raise SettingsError((Mistake(RECORD, None, "", ABSENT, message),)) from None
    return number


def _readable(root: Path) -> Path:
    """Return `root`; raises SettingsError if a newer version of iot-dr generated the project."""
    generated = generated_version(root)
    if generated is None:
        return root
    from importlib.metadata import version  # noqa: PLC0415 - 20 ms, for such projects only

    installed = version("iot-dr")
    if _numbers(generated) > _numbers(installed):
        message = (
            f"iot-dr {generated} generated this project, and this is iot-dr {installed};"
            f" install the wheel of iot-dr {generated} or newer"
        )
        raise SettingsError((Mistake(RECORD, None, "", ABSENT, message),))
    return root


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
