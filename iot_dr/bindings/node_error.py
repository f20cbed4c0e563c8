"""Errors of jsii's node that are the machine's: a process that is gone, a disk that is full."""

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
        """Return the error of a process that has closed its end of a pipe."""
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
    """Return the OSError that node's error stands for if a disk, quota or file limit is full."""
    found = _FULL_DISK.search(str(error))
    if found is None:
        return None
    number: int = getattr(errno, found["code"])
    return OSError(number, os.strerror(number), found["to"] or found["path"])
