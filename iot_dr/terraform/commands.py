"""The interface of a runner of Terraform commands, and the runner of a program."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from iot_dr.terraform.printed import OUTPUT_LIMIT, OutputLimitError, Printed

GRACE_SECONDS: Final = 30.0
"""Seconds for an interrupted command to write its state and release its lock."""


class CommandTimeoutError(Exception):
    """A command did not end in time and was stopped; `output` is what it had printed."""

    def __init__(self, output: str) -> None:
        super().__init__("a command did not end in time")
        self.output = output


class CommandOutputError(Exception):
    """A command printed more than allowed and was stopped; the message names the limit."""


class CommandStoppedError(Exception):
    """A command was not started, because the runner had been interrupted."""


class Commands(Protocol):
    """Runs one Terraform command at a time."""

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder.

        Raises CommandTimeoutError after `timeout` seconds, CommandOutputError if it prints without
        end, and CommandStoppedError after `interrupt` was called.
        """
        ...

    def interrupt(self) -> None:
        """Interrupt the running command, if any, as Ctrl-C would; start no other."""
        ...

    def close(self) -> None:
        """Stop what is still running."""
        ...


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal a process group by its leader; does nothing if the group is gone."""
    with suppress(ProcessLookupError):
        os.killpg(leader, number)


class ProcessCommands:
    """Runs each command in a process of its own.

    The process is not in the terminal's group: Ctrl-C reaches it once, through `interrupt`. A
    second interrupt, from the terminal, would make Terraform exit at once and perhaps lose state.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], limit: int = OUTPUT_LIMIT
    ) -> None:
        """Bind to a program; `limit` is the number of bytes that a command may print."""
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
        """Interrupt the running command, if any, as Ctrl-C would; start no other."""
        self._is_stopped = True
        process = self._process
        if process is not None:
            signal_group(process.pid, signal.SIGINT)

    def close(self) -> None:
        """Do nothing: no process outlives its command."""

    @staticmethod
    def _end(process: subprocess.Popen[bytes], printed: Printed) -> None:
        """Stop a command, and the processes it started, which would keep its output open."""
        signal_group(process.pid, signal.SIGINT)
        try:
            printed.drain(GRACE_SECONDS)
        except TimeoutError:
            signal_group(process.pid, signal.SIGKILL)
