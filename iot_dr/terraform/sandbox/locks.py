"""Terraform's state locks in a sandbox's folder, read without a server."""

from dataclasses import dataclass
from pathlib import Path

from iot_dr.common.user_error import UserError
from iot_dr.terraform.lock_holder import LockHolder, holder_in
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder

_SUFFIX = ".tflock"


class LockChangedError(UserError):
    """The lock to release was replaced by another one."""


@dataclass(frozen=True, slots=True)
class StateLock:
    """The lock of the state `key`; `holder` is None if the lock file does not name it."""

    bucket: str
    key: str
    holder: LockHolder | None


def locks_in(folder: Path) -> list[StateLock]:
    """Return the locks of a sandbox by bucket and key; raises OSError for an unreadable file."""
    files = SandboxFolder(folder).ending_in(_SUFFIX)
    return [_lock(file.name, file.content) for file in files]


def release(folder: Path, lock: StateLock) -> None:
    """Remove the lock file of `lock`; does nothing if it is gone.

    Raises LockChangedError if somebody else holds the lock now, and OSError if the file cannot be
    removed.
    """
    files = SandboxFolder(folder)
    name = ObjectName(lock.bucket, lock.key + _SUFFIX)
    with files.exclusive():
        if name not in files.objects():
            return
        current = _lock(name, files.read(name))
        if current != lock:
            raise LockChangedError(
                f"{lock.bucket}/{lock.key}: now locked by {current.holder or 'someone else'};"
                " look again before releasing it"
            )
        files.delete(name)


def _lock(name: ObjectName, content: bytes) -> StateLock:
    return StateLock(name.bucket, name.key.removesuffix(_SUFFIX), holder_in(content))
