"""How the generated files of a project differ from those that this version generates."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from environments.loader import load, names
from environments.project import RECORD
from iot_dr.bindings import engine
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.common.whole_file import whole_file
from iot_dr.delivery.rollout_workflow import ROLLOUT
from iot_dr.project.files import ENGINE_LOCKS, REQUIREMENTS, generated_files
from iot_dr.project.record import ProjectRecord, ProjectRecordError, sha256

Change = Literal["added", "changed", "removed"]


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """A file that this version generates differently; `new` is None if it no longer does."""

    path: str
    old: bytes | None
    new: bytes | None
    is_edited: bool

    @property
    def change(self) -> Change:
        """What a newer version does with the file."""
        if self.new is None:
            return "removed"
        return "changed" if self.old is not None else "added"

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff."""
        old, new = (
            (content or b"").decode(errors="replace").splitlines()
            for content in (self.old, self.new)
        )
        before = "/dev/null" if self.old is None else f"a/{self.path}"
        after = "/dev/null" if self.new is None else f"b/{self.path}"
        return difflib.unified_diff(old, new, before, after, lineterm="")


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """A project, its record, and what this version generates for it."""

    root: Path
    before: ProjectRecord
    after: ProjectRecord
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, root: Path) -> "Upgrade":
        """Generate the files for the environments that the project has now.

        Raises ProjectRecordError, UsageError without an environment or if a generated file is a
        symbolic link or in one, and SettingsError for a mistake in the file of an environment.
        """
        before = ProjectRecord.read(root)
        there = names(root / "environments")
        if not there:
            raise UsageError("environments: no file of an environment; `iot-dr env new` writes one")
        ordered = [name for name in before.environments if name in there]
        ordered += [name for name in there if name not in ordered]
        settings = [load(name, {}, root / "environments") for name in ordered]
        try:
            files = generated_files(before.project, settings, engine.of_project(root))
        except ValueError as error:
            raise UsageError(str(error)) from None
        for path in sorted({*before.files, *files, RECORD}):
            known = path in {*files, *ENGINE_LOCKS.values(), RECORD} or ROLLOUT.fullmatch(path)
            if not known:
                message = f"{RECORD}: files: {plain(path)} is not a file that iot-dr generates"
                raise ProjectRecordError(f"{message}; remove it there")
            if link := _link(root, path):
                raise UsageError(f"{plain(link)}: is a symbolic link; replace it with a copy")
        return cls(
            root=root,
            before=before,
            after=ProjectRecord.of(before.project, ordered, files),
            files=files,
        )

    def changes(self) -> Sequence[FileChange]:
        """Return the files that differ because of another version or other environments.

        A difference that only the project's own edits make is not among them, and neither is a
        generated file that the project has deleted.
        """
        return [
            change
            for path in sorted({*self.before.files, *self.files})
            if (change := self._change(path))
        ]

    def write(self, changes: Sequence[FileChange]) -> None:
        """Write the files that were not edited, then the record; raises OSError."""
        for change in changes:
            if change.is_edited:
                continue
            if change.new is None:
                (self.root / change.path).unlink()
            else:
                with whole_file(self.root / change.path) as file:
                    file.write(change.new)
        with whole_file(self.root / RECORD) as file:
            file.write(self.after.content())

    def _change(self, path: str) -> FileChange | None:
        recorded, new = self.before.files.get(path), self.files.get(path)
        target = self.root / path
        old = target.read_bytes() if target.is_file() else None
        if old == new or recorded == (sha256(new) if new is not None else None):
            return None
        if recorded is not None and old is None:
            return None  # deleted by the project
        # One version pins itself in two ways: by its URL where it has one.
        if path == REQUIREMENTS and self.before.version == self.after.version:
            return None
        is_edited = old is not None and sha256(old) != recorded
        return FileChange(path=path, old=old, new=new, is_edited=is_edited)


def _link(root: Path, path: str) -> str | None:
    """Return the first part of a path in the project that is a symbolic link."""
    target = Path(path)
    parts = (str(part) for part in (*reversed(target.parents), target) if part != Path())
    return next((part for part in parts if (root / part).is_symlink()), None)
