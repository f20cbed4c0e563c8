"""A new project: its files, written all or none."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp

from environments import template
from environments.errors import Mistake, SettingsError
from environments.loader import parse
from environments.project import RECORD, settings_file
from environments.settings import Settings
from iot_dr.bindings.engine import SOURCE_ENGINE
from iot_dr.common.user_error import UsageError
from iot_dr.project.files import generated_files
from iot_dr.project.record import ProjectRecord


class FilesInTheWayError(UsageError):
    """The folder has files of the same names, or cannot be written."""


@dataclass(frozen=True, kw_only=True)
class NewProject:
    """The values of a new project; the first region of all environments is home and primary.

    `accounts` has one for all environments, or one for each, as device data requires.
    """

    project: str
    environments: Sequence[str]
    domain: str
    accounts: Sequence[str]
    regions: Sequence[str]
    has_data: bool = True
    engine: str = SOURCE_ENGINE

    def files(self) -> dict[str, bytes]:
        """Return the content of every file by path; raises SettingsError for a wrong value."""
        files = generated_files(self.project, self.settings(), self.engine)
        return {
            **files,
            **{settings_file(name): text for name, text in self._texts().items()},
            RECORD: ProjectRecord.of(self.project, self.environments, files).content(),
        }

    def settings(self) -> list[Settings]:
        """Return the settings of each environment; raises SettingsError for a wrong value."""
        if len({*self.environments}) < len(self.environments) or not self.environments:
            message = "is not allowed; expected one or more different names"
            mistake = Mistake("new project", None, "environments", [*self.environments], message)
            raise SettingsError((mistake,))
        if len(self.accounts) not in {1, len(self.environments)}:
            message = f"are not one for each of {len(self.environments)} environments"
            mistake = Mistake("new project", None, "account_id", [*self.accounts], message)
            raise SettingsError((mistake,))
        settings = [parse(text, name) for name, text in self._texts().items()]
        if self.has_data and len({each.account_id for each in settings}) < len(settings):
            message = (
                f"are not enough for {len(settings)} environments with device data: AWS IoT has one"
                " device registry per account and region; expected an account for each, such as"
                " --account-id 123456789012,210987654321, or --without-data"
            )
            mistake = Mistake("new project", None, "account_id", [*self.accounts], message)
            raise SettingsError((mistake,))
        return settings

    def _texts(self) -> dict[str, bytes]:
        pairs = zip(self.environments, cycle(self.accounts), strict=False)
        return {name: self._settings(name, account).encode() for name, account in pairs}

    def _settings(self, environment: str, account_id: str) -> str:
        return template.text(
            environment,
            project=self.project,
            domain=self.domain,
            account_id=account_id,
            regions=self.regions,
            schema=template.GENERATED_SCHEMA,
            has_data=self.has_data,
        )


def write_new(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a new or existing folder; existing files are never replaced.

    Raises FilesInTheWayError, and leaves the folder as it was, if one of the files exists, if the
    folder or one in it is a symbolic link, and if the folder cannot be written. Refuses the root
    and the user's home, which a path from an empty variable names.
    """
    if folder.resolve() in {Path("/"), Path.home().resolve()}:
        raise FilesInTheWayError(f"{folder}: is not for a project; name a folder in it")
    if folder.is_symlink():
        raise FilesInTheWayError(f"{folder}: is a symbolic link; name the folder that it leads to")
    if folder.exists() and not folder.is_dir():
        raise FilesInTheWayError(f"{folder}: is a file; name a folder")
    in_the_way = sorted({name for path in files for name in _in_the_way(folder, path)})
    if in_the_way:
        message = f"{folder}: nothing is written, these files exist: {', '.join(in_the_way)}"
        raise FilesInTheWayError(f"{message}; move them, or name another folder")
    try:
        is_new = not folder.exists()
        parent = folder.parent if is_new else folder
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".iot-dr-init-", dir=parent))
        try:
            _write(files, draft)
            if is_new:
                draft.rename(folder)
            else:
                _move_all(files, draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror}"
        raise FilesInTheWayError(message) from None


def _in_the_way(folder: Path, path: str) -> list[str]:
    """Return the file of that path, or a file where one of its folders has to be."""
    target = folder / path
    parents = [parent for parent in target.parents if parent.is_relative_to(folder)]
    blocking = [
        parent
        for parent in parents
        if os.path.lexists(parent)
        and (not parent.is_dir() or (parent.is_symlink() and parent != folder))
    ]
    if os.path.lexists(target):
        blocking.append(target)
    return [str(each.relative_to(folder)) for each in blocking]


def _write(files: Mapping[str, bytes], draft: Path) -> None:
    for path, content in files.items():
        (draft / path).parent.mkdir(parents=True, exist_ok=True)
        (draft / path).write_bytes(content)
    # mkdtemp closes its folder to other users.
    mask = os.umask(0)
    os.umask(mask)
    draft.chmod(0o777 & ~mask)


def _move_all(files: Mapping[str, bytes], draft: Path, folder: Path) -> None:
    """Link each file into the folder; unlike a rename, a link fails if the file exists by now."""
    made: list[Path] = []
    try:
        for path in files:
            target = folder / path
            for parent in reversed(target.relative_to(folder).parents):
                if not (folder / parent).exists():
                    (folder / parent).mkdir()
                    made.append(folder / parent)
            target.hardlink_to(draft / path)
            made.append(target)
    except BaseException:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        raise
