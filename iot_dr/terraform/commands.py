"""The interface of a runner of Terraform commands, and its two implementations."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from iot_dr.common.run_folder import run_locks
from iot_dr.terraform.process_output import OutputLimitError, ProcessOutput

GRACE_SECONDS: Final = 30.0
"""Seconds for an interrupted command to write its state and release its lock."""

_WORKER = Path(__file__).with_name("worker.py")
# By default Go collects garbage whenever the heap, mostly the provider's schema, has doubled: a
# third of a plan's CPU time. The user's own value takes precedence.
_GO = {"GOGC": "400"}


class CommandTimeoutError(Exception):
    """A command did not end in time and was stopped; `output` is its standard output so far."""

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

        Raises CommandTimeoutError after `timeout` seconds (None: never), CommandOutputError if it
        prints more than allowed, and CommandStoppedError after `interrupt` was called.
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
        self, command: Sequence[str], environment: Mapping[str, str], *, limit: int, grace: float
    ) -> None:
        """Bind to a program.

        A command may print `limit` bytes; when it is interrupted, it has `grace` seconds to end.
        """
        self._command = tuple(command)
        self._environment = environment
        self._limit, self._grace = limit, grace
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
            printed = ProcessOutput(process, self._limit)
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

    def _end(self, process: subprocess.Popen[bytes], printed: ProcessOutput) -> None:
        """Stop a command and the processes it started, which would keep its output open.

        They are interrupted, and killed if they do not end within the grace.
        """
        signal_group(process.pid, signal.SIGINT)
        try:
            printed.drain(self._grace)
        except TimeoutError:
            signal_group(process.pid, signal.SIGKILL)


class LibraryCommands:
    """Runs commands in one lasting process, which loads the library and the schemas once.

    If that process dies, its command fails with the status of the process; the next command starts
    a new one, as it does when the process has many files open. The output of a command is not
    limited.
    """

    def __init__(self, library: Path, environment: Mapping[str, str]) -> None:
        self._library = library
        self._environment = {**_GO, **environment}
        self._streams = tempfile.TemporaryDirectory(prefix="iot-dr-")
        self._process: subprocess.Popen[bytes] | None = None
        self._is_running = False
        self._is_stopped = False

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder; raises what `Commands.run` raises."""
        if self._is_stopped:
            raise CommandStoppedError
        process = self._process = self._process or self._start()
        output, errors = (Path(self._streams.name, name) for name in ("output", "errors"))
        for stream in (output, errors):
            stream.write_bytes(b"")
        command = [f"-chdir={folder}", *arguments]
        self._is_running = True
        try:
            status = self._answer(process, [str(output), str(errors), *command], timeout)
        except TimeoutError:
            printed = output.read_text(errors="replace")
            self._end(process)
            raise CommandTimeoutError(printed) from None
        except (KeyboardInterrupt, SystemExit):
            self._end(process)
            raise
        finally:
            self._is_running = False
        texts = (stream.read_text(errors="replace") for stream in (output, errors))
        return subprocess.CompletedProcess(command, status, *texts)

    def interrupt(self) -> None:
        """Interrupt the running command, if any, as Ctrl-C would; start no other."""
        self._is_stopped = True
        process = self._process
        if process is not None and self._is_running:
            process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """Stop the process; a running command is interrupted first."""
        if self._process is not None:
            self._end(self._process)
        self._streams.cleanup()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-S", _WORKER, self._library, str(GRACE_SECONDS)],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            # It outlives this process for a while if that is killed, and still uses the folder.
            pass_fds=run_locks(),
            start_new_session=True,
        )

    def _answer(
        self, process: subprocess.Popen[bytes], request: list[str], timeout: float | None
    ) -> int:
        assert process.stdin is not None  # noqa: S101 - both are pipes, see _start
        assert process.stdout is not None  # noqa: S101 - as above
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            if not select.select([process.stdout], [], [], timeout)[0]:
                raise TimeoutError
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if line:
            status, is_full = map(int, line.split())
            if is_full:
                self._end(process)
            return status
        self._process = None
        # The providers that it started would outlive it.
        signal_group(process.pid, signal.SIGKILL)
        process.communicate()
        return process.returncode

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Close the process's input, at which it interrupts its command, if any, and ends.

        Kills it, and the providers that it started, after `GRACE_SECONDS`.
        """
        self._process = None
        try:
            process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            signal_group(process.pid, signal.SIGKILL)
            process.communicate()
