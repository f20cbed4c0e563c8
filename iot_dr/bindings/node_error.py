"""Errors of jsii's node caused by the machine: a dead process, a full disk."""

import errno
import os
import re
import signal
import subprocess
from typing import Any, Final, Self

_GRACE_SECONDS: Final = 5.0
# Node's system errors name code, description, system call and, if there are any, one or two paths.
_FULL_DISK: Final = re.compile(
    r"\b(?P<code>ENOSPC|EDQUOT|EFBIG): [^,]*, \w+(?: '(?P<path>[^']*)')?(?: -> '(?P<to>[^']*)')?"
)


class NodeError(ConnectionError):
    """Node ended while Python still needed it; the message says how, and what to do."""

    @classmethod
    def of(cls, process: "subprocess.Popen[Any]") -> Self:
        """Return the error for a process that has closed its end of a pipe.

        Waits up to 5 s for the process to end.
        """
        node = process.args[0] if isinstance(process.args, list) else process.args
        try:
            status = process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return cls(f"Node.js ({node}) stopped answering; run the command again")
        if status < 0:
            name = signal.Signals(-status).name
            return cls(
                f"Node.js ({node}) was killed by {name} during the synthesis; if nobody did so,"
                " memory may have run out: free some, and run the command again"
            )
        return cls(
            f"Node.js ({node}) ended with status {status} before the synthesis was complete;"
            " see its output above, and check JSII_NODE and NODE_OPTIONS if they are set"
        )


def disk_error(error: RuntimeError) -> OSError | None:
    """Return the OSError behind node's error if a disk, quota or file limit is full, else None."""
    match = _FULL_DISK.search(str(error))
    if match is None:
        return None
    number: int = getattr(errno, match["code"])
    return OSError(number, os.strerror(number), match["to"] or match["path"])
