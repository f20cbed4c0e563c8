"""The lock of a run that changes a sandbox as a whole.

Two of them would take the locks of each other's states by turns, and both fail half-way.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from iot_dr.terraform.sandbox.sandbox import SandboxError


@contextmanager
def sole_run(sandbox: Path) -> Generator[None]:
    """Keep other such runs out of a sandbox for a `with` block; death releases it.

    Raises:
        SandboxError: when another run is using the sandbox; nobody waits for it.
    """
    sandbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(sandbox / ".run", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _in_use(sandbox, os.read(handle, 32)) from None
        if not os.fstat(handle).st_nlink:  # `sandbox down` removed it after it was opened
            raise _in_use(sandbox, b"")
        os.truncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _in_use(sandbox: Path, pid: bytes) -> SandboxError:
    process = f" (process {pid.decode()})" if pid.isdigit() else ""
    return SandboxError(
        f"{sandbox}: another run{process} is using this sandbox; run this again when it has ended"
    )
