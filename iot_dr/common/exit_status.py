"""Exit statuses of commands."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit statuses that docs/reference/output.md lists."""

    DONE = 0
    FAILED = 1
    MISTAKE = 2
    CHANGES = 2
    NOT_GOOD = 3
    """Done, and the answer is not good, such as a recovery later than the target."""
    INTERRUPTED = 130
