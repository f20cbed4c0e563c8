"""Runs the commands of `iot-dr` that a run consists of."""

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

_LAST_LINES = 20


@dataclass(frozen=True)
class CommandResult:
    """The result of a command: its status, the JSON that it printed, and its last lines of text."""

    status: int
    document: dict[str, Any]
    text: str


Command = Callable[..., CommandResult]
"""Runs `iot-dr` with these arguments and `--json` to its end."""


def run_command(*arguments: str) -> CommandResult:
    """Run `iot-dr` in a child process; its standard error appears here too.

    Ctrl-C and SIGTERM are passed on, and take effect here when the command has ended.
    """
    started: list[subprocess.Popen[str]] = []

    def stop() -> None:
        for child in started:
            child.send_signal(signal.SIGINT)

    with (
        TemporaryFile() as printed,
        deferred_signals(stop) as came,
        subprocess.Popen(  # noqa: S603 - this project's own command
            [sys.executable, "-m", "iot_dr", *arguments, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C at the terminal reaches it only through this process, and so once.
            start_new_session=True,
        ) as process,
    ):
        started.append(process)
        if came:
            stop()
        lines = deque[str](maxlen=_LAST_LINES)
        for line in process.stderr or ():
            lines.append(line)
            # The command must go on even if nobody reads this.
            with suppress(OSError):
                sys.stderr.write(f"    {line}")
        process.wait()
        printed.seek(0)
        return parse_result(
            process.returncode, printed.read().decode(errors="replace"), "".join(lines)
        )


def parse_result(status: int, printed: str, text: str) -> CommandResult:
    """Parse a command's output; the document is empty if it printed no JSON."""
    try:
        document: dict[str, Any] = json.loads(printed)
    except ValueError:
        document = {}
    return CommandResult(status, document, text.strip())
