"""Reads a settings file and environment variables; reports all mistakes at once."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import ValidationError

from environments import document, renamed_settings
from environments.bounded_file import LARGEST_SETTINGS, UnusableFileError, content_of
from environments.conflicts import (
    check_branch,
    check_device_name,
    check_existing_names,
    check_names,
    check_promotion,
    check_registry,
)
from environments.errors import ABSENT, Mistake, SettingsError
from environments.existing_files import check_policy_document
from environments.modules import check_sources
from environments.own_stacks import DeclaredStacks, declared_stacks
from environments.project import environments_folder, settings_file
from environments.provisioning_files import check_ca_certificate
from environments.regions import nearest
from environments.settings import Settings
from environments.translation import finding

PRIMARY_REGION: Final = "PRIMARY_REGION"
"""The environment variable that overrides `primary_region` of the file."""

HANDOVER_REGION: Final = "HANDOVER_REGION"
"""The environment variable that overrides `handover_region` of the file."""

REGION_STEP: Final = "IOT_DR_REGION_STEP"
"""The environment variable with the regions of a step: `iot-dr deploy` sets it to synthesize."""

_VARIABLES: Final = {"primary_region": PRIMARY_REGION, "handover_region": HANDOVER_REGION}
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_MOST_SHOWN: Final = 100
_Judge: TypeAlias = Callable[[document.Document, Path], Iterator[Mistake]]
# Checks that also read the other environments' files.
_CROSS_CHECKS: Final[tuple[_Judge, ...]] = (
    check_branch,
    check_device_name,
    check_existing_names,
    check_names,
    check_promotion,
    check_registry,
)
_FILE_CHECKS: Final[tuple[_Judge, ...]] = (
    check_ca_certificate,
    check_policy_document,
    check_sources,
)
_MAY_BE_NULL: Final = (("data",), ("data", "provisioning"), ("existing",), ("pipeline",))


def names(folder: Path | None = None) -> list[str]:
    """Return the sorted names of the environments that have a file, in `folder` or the project."""
    folder = folder or environments_folder()
    return sorted(path.stem for path in folder.glob("*.yaml") if not path.name.startswith("."))


def load(
    name: str, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Return the settings of the environment `name`.

    `name` is the name of a file without `.yaml`, in `folder` or in the project; `environ` replaces
    the process's environment variables. Raises SettingsError if the environment or the project does
    not exist, or the file or the variables are invalid.
    """
    return _loaded(name, environ, folder, (*_CROSS_CHECKS, *_FILE_CHECKS))


def load_without_cross_checks(
    name: str, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Return the settings as `load` does, without checks against other environments' files.

    For commands that are needed in an outage: a mistake in another file, or in the order of
    promotion, must not stop them. Raises SettingsError if the environment does not exist, or its
    file or the variables are invalid.
    """
    return _loaded(name, environ, folder, _FILE_CHECKS)


def _loaded(
    name: str, environ: Mapping[str, str] | None, folder: Path | None, judges: Iterable[_Judge]
) -> Settings:
    folder = folder or environments_folder()
    variables = os.environ if environ is None else environ
    overrides = {key: variables.get(variable, "") for key, variable in _VARIABLES.items()}
    content = _content(find(name, folder))
    source = renamed_settings.read(content, settings_file(name))
    renamed_settings.warn(source)
    mistakes = [mistake for judge in judges for mistake in judge(source, folder)]
    declared = DeclaredStacks()
    try:
        declared = declared_stacks(folder.parent)
    except SettingsError as error:
        mistakes += error.mistakes
    try:
        settings = parse(content, name, **overrides)
        if step := variables.get(REGION_STEP):
            settings = settings.model_copy(update=_step_regions(step))
    except SettingsError as error:
        raise SettingsError(_in_order([*error.mistakes, *mistakes])) from None
    if mistakes:
        raise SettingsError(_in_order(mistakes))
    if settings.modules:
        lines = {steps: line for steps, line in source.lines.items() if steps[0] == "modules"}
        settings = settings.with_lines(lines)
    return settings.with_declared_stacks(declared) if declared else settings


def _step_regions(step: str) -> dict[str, object]:
    """Return the settings of regions in a step; raises SettingsError if it is not a JSON object."""
    try:
        values: dict[str, object] = dict(json.loads(step))
    except (ValueError, TypeError, RecursionError):
        message = "is not a step of iot-dr deploy, which sets the variable; expected it to be unset"
        raise SettingsError((Mistake(REGION_STEP, None, "", step, message),)) from None
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }


def mistake_at(name: str, steps: document.Steps, value: object, message: str) -> SettingsError:
    """Return an error about a value in the file of the environment `name`, with its line."""
    source = renamed_settings.read(_content(find(name)), settings_file(name))
    return SettingsError((source.mistake(steps, message, value),))


def find(name: str, folder: Path | None = None) -> Path:
    """Return the file of the environment `name`; the name is then safe as part of a path.

    Raises SettingsError if the environment does not exist.
    """
    folder = folder or environments_folder()
    if not _NAME.fullmatch(name):
        rule = "is not a name of an environment (a lower-case letter, then a-z, 0-9 and hyphens)"
        raise _no_environment(name, rule, folder)
    path = folder / f"{name}.yaml"
    if not os.path.lexists(path):
        raise _no_environment(name, "is not an environment", folder)
    return path


def parse(
    content: bytes, name: str, primary_region: str = "", handover_region: str = ""
) -> Settings:
    """Return the settings in `content`, the text of the environment's file.

    The two regions override those in the text unless they are empty. Raises SettingsError if the
    text or one of the regions is invalid.
    """
    source = renamed_settings.read(content, settings_file(name))
    given = {"primary_region": primary_region, "handover_region": handover_region}
    overrides = {key: region for key, region in given.items() if region}
    data = source.data | overrides
    mistakes = [*source.mistakes, *_about_empty(source)]
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        settings = None
        mistakes += _translated(error, source)
    own_name = data.get("environment")
    is_reported = any(mistake.key == "environment" for mistake in mistakes)
    if own_name != name and isinstance(own_name, str) and not is_reported:
        message = f"is not the name of the file; expected {name}"
        mistakes.append(source.mistake(("environment",), message, own_name))
    mistakes = [
        replace(mistake, file=_VARIABLES[mistake.key], line=None)
        if mistake.key in overrides
        else mistake
        for mistake in mistakes
    ]
    if mistakes or settings is None:
        raise SettingsError(_in_order(mistakes))
    return settings


def _no_environment(name: str, message: str, folder: Path) -> SettingsError:
    there = names(folder)
    hint = nearest(name, there)
    advice = f"{hint} " if hint else ""
    message = f"{message}; {advice}existing environments: {', '.join(there) or 'none'}"
    return SettingsError((Mistake(folder.name, None, "", name, message),))


def _content(path: Path) -> bytes:
    """Return the bytes of a regular file of at most 256 KiB; raises SettingsError if it cannot."""
    try:
        return content_of(path, LARGEST_SETTINGS)
    except UnusableFileError as error:
        mistake = Mistake(settings_file(path.stem), None, "", ABSENT, f"the file {error}")
        raise SettingsError((mistake,)) from None


def _translated(error: ValidationError, source: document.Document) -> Iterator[Mistake]:
    for details in error.errors(include_url=False):
        # A default that depends on another value, which has a mistake.
        if details["type"] == "default_factory_not_called":
            continue
        steps, value, message = finding(details)
        if any(steps[:length] in source.refused for length in range(len(steps) + 1)):
            continue
        yield source.mistake(steps, message, value)


def _about_empty(source: document.Document) -> Iterator[Mistake]:
    """Yield a mistake for each optional block whose key has no value."""
    for steps in _MAY_BE_NULL:
        if steps in source.empty:
            yield source.mistake(steps, f"is empty; expected its block, or {steps[-1]}: null")


def _in_order(mistakes: list[Mistake]) -> tuple[Mistake, ...]:
    """Return the first hundred mistakes by line; the last one counts the others."""
    ordered = sorted(mistakes, key=lambda mistake: (mistake.line is None, mistake.line or 0))
    rest = len(ordered) - _MOST_SHOWN
    if rest > 0:
        message = f"{rest} more mistakes are not shown"
        ordered[_MOST_SHOWN:] = [Mistake(ordered[0].file, None, "", ABSENT, message)]
    return tuple(ordered)
