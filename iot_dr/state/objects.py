"""Objects beside the states of an environment, in AWS's S3 or in a sandbox."""

from pathlib import Path
from typing import Protocol

from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder
from stacks.state_location import StateLocation


class Objects(Protocol):
    """Reads and writes objects; a region that does not answer has none."""

    def read(self, location: StateLocation) -> bytes | None:
        """Give an object, None where there is none or its region does not answer."""
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
        from iot_dr.state.store import Store  # noqa: PLC0415 - see above

        self._store = Store(role_arn)

    def read(self, location: StateLocation) -> bytes | None:
        """Give an object; raises StoreError where S3 refuses, UnreachableError where it is busy."""
        from iot_dr.aws.errors import is_busy  # noqa: PLC0415 - as above
        from iot_dr.state.store import UnreachableError  # noqa: PLC0415 - as above

        try:
            stored = self._store.read(location)
        except UnreachableError as error:
            if is_busy(error.__cause__):
                raise
            return None
        return stored.content if stored else None

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object; raises StoreError or UnreachableError."""
        self._store.write(location, content)

    def delete(self, location: StateLocation) -> None:
        """Delete an object; raises StoreError or UnreachableError."""
        self._store.delete(location)


class SandboxObjects:
    """Objects in the folder of a sandbox."""

    def __init__(self, folder: Path) -> None:
        self._files = SandboxFolder(folder)

    def read(self, location: StateLocation) -> bytes | None:
        """Give an object."""
        with self._files.exclusive():
            try:
                return self._files.read(_name(location))
            except FileNotFoundError:
                return None

    def write(self, location: StateLocation, content: bytes) -> None:
        """Write an object; raises OSError when the file system refuses."""
        with self._files.exclusive():
            self._files.write(_name(location), content)

    def delete(self, location: StateLocation) -> None:
        """Delete an object; raises OSError when the file system refuses."""
        with self._files.exclusive():
            self._files.delete(_name(location))


def _name(location: StateLocation) -> ObjectName:
    return ObjectName(location.bucket, location.key)
