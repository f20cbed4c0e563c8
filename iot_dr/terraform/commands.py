"""The running of Terraform's commands, whatever process they run in."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from iot_dr.terraform.printed import OUTPUT_LIMIT, OutputLimitError, Printed

GRACE_SECONDS: Final = 30.0
"""Time that a command has, once interrupted, to write its state and release its lock."""


class CommandTimeoutError(Exception):
    """A command did not end in time, and was ended; `output` is what it printed until then."""

    def __init__(self, output: str) -> None:
        super().__init__("a command did not end in time")
        self.output = output


class CommandOutputError(Exception):
    """A command printed more than it may, and was ended; the message names program and limit."""


class CommandStoppedError(Exception):
    """A command was not begun, because the runner had been interrupted."""


class Commands(Protocol):
    """Runs one Terraform command at a time."""

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder.

        Raises:
            CommandTimeoutError: after `timeout` seconds.
            CommandOutputError: when it prints without end.
            CommandStoppedError: once `interrupt` was called.
        """
        ...

    def interrupt(self) -> None:
        """Ask the running command, if any, to end by itself, as Ctrl-C would; begin no other."""
        ...

    def close(self) -> None:
        """End what still runs."""
        ...


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal a process that leads a group, and all in it; a group that is gone is no error."""
    with suppress(ProcessLookupError):
        os.killpg(leader, number)


class ProcessCommands:
    """Runs each command in a process of its own.

    The process is not in the terminal's group: Ctrl-C reaches it once, through `interrupt`, and
    not a second time from the terminal, which Terraform would take for an order to drop all.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], limit: int = OUTPUT_LIMIT
    ) -> None:
        """Bind to a program; `limit` is what one command may print, in bytes."""
        self._command = tuple(command)
        self._environment = environment
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder; raises what `Commands.run` raises."""
        if self._is_stopped:
            raise CommandStoppedError
        command = [*self._command, f"-chdir={folder}", *arguments]
        with subprocess.Popen(  # noqa: S603 - the engine is chosen, not taken from input
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            self._process = process
            printed = Printed(process, self._limit)
            try:
                printed.read(timeout)
            except TimeoutError:
                self._end(process, printed)
                raise CommandTimeoutError(printed.texts[0]) from None
            except OutputLimitError:
                self._end(process, printed)
                message = f"{command[0]} printed more than {self._limit / 2**20:g} MiB"
                raise CommandOutputError(message) from None
            except (KeyboardInterrupt, SystemExit):
                self._end(process, printed)
                raise
            finally:
                self._process = None
        return subprocess.CompletedProcess(command, process.returncode, *printed.texts)

    def interrupt(self) -> None:
        """Ask the running command, if any, to end by itself, as Ctrl-C would; begin no other."""
        self._is_stopped = True
        process = self._process
        if process is not None:
            signal_group(process.pid, signal.SIGINT)

    def close(self) -> None:
        """Do nothing: no process outlives its command."""

    @staticmethod
    def _end(process: subprocess.Popen[bytes], printed: Printed) -> None:
        """End a command, and with it what it started, which would hold its output open."""
        signal_group(process.pid, signal.SIGINT)
        try:
            printed.drain(GRACE_SECONDS)
        except TimeoutError:
            signal_group(process.pid, signal.SIGKILL)
