"""Environments selected by `ENV` or on the command line."""

from collections.abc import Mapping
from pathlib import Path

from environments.errors import Mistake, SettingsError
from environments.loader import load, names
from environments.settings import Settings

EVERY = "all"


def load_all(
    name: str, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[Settings, ...]:
    """Load the environment of that name, or every one for `all`.

    Raises SettingsError with the mistakes of all of their files.
    """
    loaded: list[Settings] = []
    mistakes: list[Mistake] = []
    for environment in names(folder) if name == EVERY else [name]:
        try:
            loaded.append(load(environment, environ, folder))
        except SettingsError as error:
            mistakes += error.mistakes
    if mistakes:
        raise SettingsError(tuple(mistakes))
    return tuple(loaded)
