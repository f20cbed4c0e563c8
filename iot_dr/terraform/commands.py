"""The running of Terraform's commands, whatever process they run in."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

GRACE_SECONDS: Final = 30.0
"""Time that a command has, once interrupted, to write its state and release its lock."""


class CommandTimeoutError(Exception):
    """A command did not end in time, and was ended."""


class Commands(Protocol):
    """Runs one Terraform command at a time."""

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder; raises CommandTimeoutError after `timeout` seconds."""
        ...

    def interrupt(self) -> None:
        """Ask the running command, if any, to end by itself, as Ctrl-C would."""
        ...

    def close(self) -> None:
        """End what still runs."""
        ...


class ProcessCommands:
    """Runs each command in a process of its own.

    The process is not in the terminal's group: Ctrl-C reaches it once, through `interrupt`, and
    not a second time from the terminal, which Terraform would take for an order to drop all.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = tuple(command)
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder; raises CommandTimeoutError after `timeout` seconds."""
        command = [*self._command, f"-chdir={folder}", *arguments]
        with subprocess.Popen(  # noqa: S603 - the engine is chosen, not taken from input
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            self._process = process
            try:
                output, errors = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                self._end(process)
                raise CommandTimeoutError from None
            except KeyboardInterrupt:
                self._end(process)
                raise
            finally:
                self._process = None
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def interrupt(self) -> None:
        """Ask the running command, if any, to end by itself, as Ctrl-C would."""
        process = self._process
        if process is not None:
            process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """Do nothing: no process outlives its command."""

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
