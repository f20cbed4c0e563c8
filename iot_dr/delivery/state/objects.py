"""Objects beside the states of an environment, in AWS's S3 or in a sandbox."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from iot_dr.common.user_error import UserError
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder
from stacks.state_location import StateLocation


class SilentRegionError(UserError):
    """A region's S3 does not answer, or answers that it does not work."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it is now: `tag` changes with its content, `age` is by the store's own clock."""

    content: bytes
    tag: str
    age: timedelta


class Objects(Protocol):
    """Reads and writes objects; a region that does not answer has none."""

    def read(self, location: StateLocation) -> bytes | None:
        """Give an object, None where there is none or its region does not answer."""
        ...

    def find(self, location: StateLocation) -> Found | None:
        """Give an object, None where there is none; raises SilentRegionError, and UserError."""
        ...

    def swap(self, location: StateLocation, tag: str | None, content: bytes) -> str | None:
        """Write in the place of the object with this tag, or where there is none (None).

        Gives the new tag; None when another was there, and nothing is written then. Raises
        UserError where that cannot be done.
        """
        ...

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object; raises UserError where that cannot be done."""
        ...

    def delete(self, location: StateLocation) -> None:
        """Delete an object, which may be gone; raises UserError where that cannot be done."""
        ...


class S3Objects:
    """Objects in S3, in the role `role_arn` when there is one."""

    def __init__(self, role_arn: str | None) -> None:
        # boto3 takes a third of a second to load, and only real runs need it.
        from iot_dr.observe.state.store import Store  # noqa: PLC0415 - see above

        self._store = Store(role_arn)

    def read(self, location: StateLocation) -> bytes | None:
        """Give an object; raises StoreError where S3 refuses, UnreachableError where it is busy."""
        from iot_dr.observe.aws.errors import is_busy  # noqa: PLC0415 - as above
        from iot_dr.observe.state.store import UnreachableError  # noqa: PLC0415 - as above

        try:
            stored = self._store.read(location)
        except UnreachableError as error:
            if is_busy(error.__cause__):
                raise
            return None
        return stored.content if stored else None

    def find(self, location: StateLocation) -> Found | None:
        """Give an object; without the bucket there is none, and nothing that it could stand for.

        Raises SilentRegionError, StoreError where S3 refuses, UnreachableError where it is busy.
        """
        from iot_dr.observe.aws.errors import is_busy, is_missing_bucket  # noqa: PLC0415 - as above
        from iot_dr.observe.state.store import UnreachableError  # noqa: PLC0415 - as above

        try:
            stored = self._store.read(location)
        except UnreachableError as error:
            if is_missing_bucket(error.__cause__):
                return None
            if is_busy(error.__cause__):
                raise
            raise SilentRegionError(str(error)) from error
        return Found(stored.content, stored.tag, stored.age) if stored else None

    def swap(self, location: StateLocation, tag: str | None, content: bytes) -> str | None:
        """Write on condition of what is there; raises StoreError or UnreachableError."""
        return self._store.swap(location, tag, content)

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object; raises StoreError or UnreachableError."""
        self._store.write(location, content)

    def delete(self, location: StateLocation) -> None:
        """Delete an object; raises StoreError or UnreachableError."""
        self._store.delete(location)


class SandboxObjects:
    """Objects in the folder of a sandbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = SandboxFolder(folder)

    def read(self, location: StateLocation) -> bytes | None:
        """Give an object."""
        with self._files.exclusive():
            try:
                return self._files.read(_name(location))
            except FileNotFoundError:
                return None

    def find(self, location: StateLocation) -> Found | None:
        """Give an object."""
        with self._files.exclusive():
            return self._found(location)

    def swap(self, location: StateLocation, tag: str | None, content: bytes) -> str | None:
        """Write on condition of what is there; raises OSError when the file system refuses."""
        with self._files.exclusive():
            found = self._found(location)
            if (found.tag if found else None) != tag:
                return None
            self._files.write(_name(location), content)
            return _tag(content)

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object; raises OSError when the file system refuses."""
        with self._files.exclusive():
            self._files.write(_name(location), content)

    def delete(self, location: StateLocation) -> None:
        """Delete an object; raises OSError when the file system refuses."""
        with self._files.exclusive():
            self._files.delete(_name(location))

    def _found(self, location: StateLocation) -> Found | None:
        path = self._files.path(_name(location))
        try:
            content, written = path.read_bytes(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        age = datetime.now(UTC) - datetime.fromtimestamp(written, UTC)
        return Found(content, _tag(content), age)


def _tag(content: bytes) -> str:
    return sha256(content).hexdigest()


def _name(location: StateLocation) -> ObjectName:
    return ObjectName(location.bucket, location.key)
