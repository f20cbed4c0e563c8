"""Objects next to the states of an environment, in S3 or in a sandbox."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from iot_dr.common.user_error import UserError
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder
from stacks.state_location import StateLocation


class RegionNotAnsweringError(UserError):
    """A region's S3 does not answer, or reports a failure of its own."""


@dataclass(frozen=True, slots=True)
class TaggedObject:
    """A stored object: `tag` changes with its content, `age` is by the store's own clock."""

    content: bytes
    tag: str
    age: timedelta


class Objects(Protocol):
    """Reads and writes objects next to the states; in a sandbox, OSError replaces UserError."""

    def read(self, location: StateLocation) -> bytes | None:
        """Return an object's content; None if it is missing or its region does not answer."""
        ...

    def find(self, location: StateLocation) -> TaggedObject | None:
        """Return an object; None if it is missing.

        Raises RegionNotAnsweringError, or another UserError if the object cannot be read.
        """
        ...

    def write_if_unchanged(
        self, location: StateLocation, tag: str | None, content: bytes
    ) -> str | None:
        """Replace the object that has this tag, or create it if `tag` is None.

        Returns the new tag; None, with nothing written, if that condition is not met. Raises
        UserError if it cannot be written.
        """
        ...

    def delete(self, location: StateLocation) -> None:
        """Delete an object, which may be gone; raises UserError if it cannot be deleted."""
        ...


class S3Objects:
    """Objects in S3, accessed in the role `role_arn` if it is set."""

    def __init__(self, role_arn: str | None) -> None:
        # boto3 takes a third of a second to import, and only runs on AWS need it.
        from iot_dr.observe.state.store import Store  # noqa: PLC0415 - see above

        self._store = Store(role_arn)

    def read(self, location: StateLocation) -> bytes | None:
        """Return an object's content; None if it is missing or its region does not answer.

        Raises StoreError if S3 refuses, UnreachableError if it is busy.
        """
        from iot_dr.observe.aws.errors import is_busy  # noqa: PLC0415 - as above
        from iot_dr.observe.state.store import UnreachableError  # noqa: PLC0415 - as above

        try:
            stored = self._store.read(location)
        except UnreachableError as error:
            if is_busy(error.__cause__):
                raise
            return None
        return stored.content if stored else None

    def find(self, location: StateLocation) -> TaggedObject | None:
        """Return an object; None if it or its bucket is missing.

        Raises RegionNotAnsweringError, StoreError if S3 refuses, UnreachableError if it is busy.
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
            raise RegionNotAnsweringError(str(error)) from error
        return TaggedObject(stored.content, stored.tag, stored.age) if stored else None

    def write_if_unchanged(
        self, location: StateLocation, tag: str | None, content: bytes
    ) -> str | None:
        """Write conditionally; raises StoreError or UnreachableError."""
        return self._store.write_if_unchanged(location, tag, content)

    def delete(self, location: StateLocation) -> None:
        """Delete an object; raises StoreError or UnreachableError."""
        self._store.delete(location)


class SandboxObjects:
    """Objects in a sandbox's folder; methods raise OSError if the file system refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = SandboxFolder(folder)

    def read(self, location: StateLocation) -> bytes | None:
        """Return an object's content; None if it is missing."""
        with self._files.exclusive():
            try:
                return self._files.read(_name(location))
            except FileNotFoundError:
                return None

    def find(self, location: StateLocation) -> TaggedObject | None:
        """Return an object; None if it is missing."""
        with self._files.exclusive():
            return self._stored(location)

    def write_if_unchanged(
        self, location: StateLocation, tag: str | None, content: bytes
    ) -> str | None:
        """Write conditionally; see `Objects.write_if_unchanged`."""
        with self._files.exclusive():
            stored = self._stored(location)
            if (stored.tag if stored else None) != tag:
                return None
            self._files.write(_name(location), content)
            return _tag(content)

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object."""
        with self._files.exclusive():
            self._files.write(_name(location), content)

    def delete(self, location: StateLocation) -> None:
        """Delete an object."""
        with self._files.exclusive():
            self._files.delete(_name(location))

    def _stored(self, location: StateLocation) -> TaggedObject | None:
        path = self._files.path(_name(location))
        try:
            content, written = path.read_bytes(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        age = datetime.now(UTC) - datetime.fromtimestamp(written, UTC)
        return TaggedObject(content, _tag(content), age)


def _tag(content: bytes) -> str:
    return sha256(content).hexdigest()


def _name(location: StateLocation) -> ObjectName:
    return ObjectName(location.bucket, location.key)
