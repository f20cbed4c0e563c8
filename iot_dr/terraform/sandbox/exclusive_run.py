"""Locks of the runs that use a sandbox.

Two runs that change a whole sandbox would each lock some of the other's states, and both would
fail half-way. All other runs may be concurrent, as with a bucket in S3; they only keep the sandbox
from being removed.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from iot_dr.terraform.sandbox.sandbox import SandboxError

_SOLE: Final = ".run"
_USE: Final = ".use"


@contextmanager
def exclusive_run(sandbox: Path) -> Generator[None]:
    """Keep other exclusive runs out of a sandbox for a `with` block; released at death.

    Raises SandboxError, without waiting, if another one is running or the sandbox is being removed.
    """
    with _locked(sandbox, _SOLE, fcntl.LOCK_EX) as handle:
        # For the message of another run; the lock is what counts.
        os.truncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield


@contextmanager
def shared_run(sandbox: Path) -> Generator[None]:
    """Keep a sandbox from being removed for a `with` block; released at death.

    Raises SandboxError if it is being removed.
    """
    with _locked(sandbox, _USE, fcntl.LOCK_SH):
        yield


@contextmanager
def keep_all_out(sandbox: Path) -> Generator[None]:
    """Keep every run out of a sandbox for a `with` block.

    Raises SandboxError, without waiting, if any run, exclusive or shared, is using it.
    """
    with exclusive_run(sandbox), _locked(sandbox, _USE, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(sandbox: Path, name: str, kind: int) -> Generator[int]:
    sandbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(sandbox / name, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _in_use(sandbox, os.read(handle, 32)) from None
        if not os.fstat(handle).st_nlink:  # `sandbox down` removed it after it was opened
            raise _in_use(sandbox, b"")
        yield handle
    finally:
        os.close(handle)


def _in_use(sandbox: Path, pid: bytes) -> SandboxError:
    process = f" (process {pid.decode()})" if pid.isdigit() else ""
    return SandboxError(
        f"{sandbox}: another run{process} is using this sandbox; run this again when it has ended"
    )
