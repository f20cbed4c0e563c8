"""Runs `iot-dr` commands in child processes."""

import json
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

from iot_dr.common.signals import deferred_signals
from iot_dr.delivery.deploy.journal import LAST_LINES


@dataclass(frozen=True)
class CommandResult:
    """The result of a command: exit status, result of `--json`, last lines of standard error."""

    status: int
    document: dict[str, Any]
    text: str


Command = Callable[..., CommandResult]
"""Runs `iot-dr` with arguments and `--json`, and waits for its end."""


def run_command(*arguments: str) -> CommandResult:
    """Run `iot-dr` in a child process, and show its standard error.

    Ctrl-C, SIGTERM and SIGHUP interrupt the command (SIGINT), and end this process when it has
    ended; the third one ends it at once.
    """
    started: list[subprocess.Popen[str]] = []

    def stop() -> None:
        for child in started:
            child.send_signal(signal.SIGINT)

    with (
        TemporaryFile() as printed,
        deferred_signals(stop) as came,
        subprocess.Popen(  # noqa: S603 - this project's own command
            [sys.executable, "-P", "-m", "iot_dr", *arguments, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C reaches it only once, forwarded by this process.
            start_new_session=True,
        ) as process,
    ):
        started.append(process)
        if came:
            stop()
        lines = deque[str](maxlen=LAST_LINES)
        for line in process.stderr or ():
            lines.append(line)
            # The command must continue even if standard error is closed.
            with suppress(OSError):
                sys.stderr.write(f"    {line}")
        process.wait()
        printed.seek(0)
        return parse_result(
            process.returncode, printed.read().decode(errors="replace"), "".join(lines)
        )


def parse_result(status: int, printed: str, text: str) -> CommandResult:
    """Parse a command's output; the document is empty if it has no result."""
    try:
        document: dict[str, Any] = json.loads(printed)["result"] or {}
    except ValueError:
        document = {}
    return CommandResult(status, document, text.strip())
