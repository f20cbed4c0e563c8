"""The log of cdktf, where a stack's name stands before the first line of a batch alone."""

import re
from collections.abc import Iterator

from tests.support.runbook import unmeasured


def lines_by_stack(log: str) -> Iterator[tuple[str, str]]:
    """Give each line with its stack."""
    stack = ""
    for line in log.splitlines():
        named = re.match(r"(iot-\S+)  (.*)", line)
        stack = named[1] if named else stack
        yield stack, named[2] if named else line


def whole(log: str) -> str:
    """Name the stack before each line that continues another's; what a clock tells is alike."""
    lines = [
        f"{stack}  {line.lstrip()}" if line.startswith("  ") else raw
        for raw, (stack, line) in zip(log.splitlines(), lines_by_stack(log), strict=True)
    ]
    return unmeasured("\n".join([*lines, ""]))
