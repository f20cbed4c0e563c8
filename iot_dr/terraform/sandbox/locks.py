"""The lock files that Terraform keeps beside states in a sandbox's folder, without a server."""

from dataclasses import dataclass
from pathlib import Path

from iot_dr.common.user_error import UserError
from iot_dr.terraform.lock_holder import LockHolder, holder_in
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder

_SUFFIX = ".tflock"


class LockChangedError(UserError):
    """A lock is no longer the one that was to be released."""


@dataclass(frozen=True, slots=True)
class StateLock:
    """The lock of the state `key`; `holder` is None when the lock file does not tell it."""

    bucket: str
    key: str
    holder: LockHolder | None


def locks_in(folder: Path) -> list[StateLock]:
    """Give the locks of a sandbox, by bucket and key; raises OSError for an unreadable file."""
    stored = SandboxFolder(folder).ending_in(_SUFFIX)
    return [_lock(found.name, found.content) for found in stored]


def release(folder: Path, lock: StateLock) -> None:
    """Remove the lock file of `lock`; one that is gone already is no error.

    Raises:
        LockChangedError: when someone else holds the lock by now.
        OSError: when the file cannot be removed.
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
