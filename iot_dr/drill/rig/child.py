"""Child processes of the drill, which never outlive it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Any, Final

from pydantic import BaseModel

from iot_dr.common.parent_death import die_with_parent
from iot_dr.common.user_error import UserError
from iot_dr.drill.rig.requests import LONGEST_LINE

_PATIENCE: Final = 20.0
LAST_LINES: Final = 5
"""Lines of its output that an error of a child has."""


Stream = IO[bytes] | int | None


class ModuleChildError(UserError):
    """A child process did not do what was requested, or ended."""


class Child:
    """A process that Linux kills when the thread that started it ends (PR_SET_PDEATHSIG).

    `ended` becomes its exit status, negative for a signal, as in subprocess. It has its own
    session, so that only the drill gets Ctrl-C. It runs as the user and group `owner`, if given.
    Raises OSError if it cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdin: Stream = None,
        stdout: Stream = None,
        stderr: Stream = None,
        owner: tuple[int, int] | None = None,
    ) -> None:
        user, group = owner or (None, None)
        self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - no shell
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            user=user,
            group=group,
            extra_groups=None if owner is None else (),
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - it calls nothing that takes a lock
            start_new_session=True,
        )
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self._handle = os.pidfd_open(self._process.pid)
        self._loop.add_reader(self._handle, self._reap)

    @property
    def stdin(self) -> IO[bytes] | None:
        """Its standard input if that is a pipe, else None."""
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its standard output if that is a pipe, else None."""
        return self._process.stdout

    def send_signal(self, signal_: signal.Signals) -> None:
        """Send a signal to the process, unless it has ended."""
        if not self.ended.done():
            signal.pidfd_send_signal(self._handle, signal_)

    async def end(self) -> None:
        """Kill the process and wait until it has ended."""
        self.send_signal(signal.SIGKILL)
        await asyncio.shield(self.ended)

    def _reap(self) -> None:
        self._loop.remove_reader(self._handle)
        os.close(self._handle)
        self.ended.set_result(self._process.wait())


class ModuleChild:
    """A process `python -m module` that answers each request with `{"done": true}` or an error.

    Requests and answers are lines of JSON. Every other line goes to `on_line`. `died` resolves to
    the reason, a sentence, if the process ends unexpectedly or prints a line that is not JSON.
    """

    def __init__(self, module: str, on_line: Callable[[dict[str, Any]], None]) -> None:
        self.died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._module = module
        self._on_line = on_line
        self._child: Child | None = None
        self._ending: Child | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answer: asyncio.Future[str | None] | None = None
        self._errors: IO[bytes] | None = None
        self._request_lock = asyncio.Lock()

    @property
    def is_running(self) -> bool:
        """Whether the process runs; a frozen one does."""
        return self._child is not None and not self._child.ended.done()

    async def start(self, config: BaseModel) -> None:
        """Start the process, unless it runs, and send its configuration.

        Raises ModuleChildError, with the last lines of its standard error, if it refuses the
        configuration, ends, or does not answer within 20 s.
        """
        if self.is_running:
            return
        await self.end()
        # In append mode, so that reading it here does not move the process's file position.
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - as long as the process lives
        self._child = child = Child(
            # -I ignores the caller's folder and PYTHON* variables.
            [sys.executable, "-I", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._reading = asyncio.get_running_loop().create_task(self._read(child))
        try:
            await self.request(config)
        except BaseException:
            await self.end()
            raise
        child.ended.add_done_callback(lambda ended: self._report_exit(child, ended.result()))

    async def request(self, message: BaseModel) -> None:
        """Send a request and wait until it is done.

        Raises ModuleChildError if the process does not run, refuses the request, ends, or does not
        answer within 20 s.
        """
        async with self._request_lock:
            if self._child is None or self._child.stdin is None or not self.is_running:
                raise ModuleChildError(f"{self._module} does not run")
            self._answer = asyncio.get_running_loop().create_future()
            with suppress(BrokenPipeError):
                self._child.stdin.write(message.model_dump_json().encode() + b"\n")
                self._child.stdin.flush()
            try:
                async with asyncio.timeout(_PATIENCE):
                    problem = await self._answer
            except TimeoutError:
                problem = f"no answer within {_PATIENCE:g} s"
            if problem is not None:
                raise ModuleChildError(self._with_errors(f"{self._module}: {problem}"))

    async def end(self) -> None:
        """Kill the process and release its files."""
        # Kept until it has ended: if this wait is cancelled, the next call resumes it.
        child = self._ending = self._child or self._ending
        self._child = None
        if child is not None:
            await child.end()
            if child.stdin is not None:
                # Buffered data that can no longer be written is discarded.
                with suppress(BrokenPipeError):
                    child.stdin.close()
            self._ending = None
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def send_signal(self, signal_: signal.Signals) -> None:
        """Send a signal to the process, if it was started and has not ended."""
        if self._child is not None:
            self._child.send_signal(signal_)

    async def _read(self, child: Child) -> None:
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        protocol = asyncio.StreamReaderProtocol(lines)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: protocol, child.stdout)
        try:
            while line := await lines.readline():
                self._take(json.loads(line))
            self._settle("it ended")
        except ValueError as error:
            problem = f"{self._module} printed a line that is not JSON: {error}"
            self._settle(problem)
            if not self.died.done():
                self.died.set_result(problem)
        finally:
            transport.close()

    def _take(self, message: dict[str, Any]) -> None:
        if "done" in message:
            self._settle(None)
        elif "error" in message:
            self._settle(message["error"])
        else:
            self._on_line(message)

    def _settle(self, problem: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(problem)

    def _report_exit(self, child: Child, status: int) -> None:
        if self._child is child and not self.died.done():
            self.died.set_result(self._with_errors(f"{self._module} ended with status {status}"))

    def _with_errors(self, message: str) -> str:
        """Return the message with the last lines of the process's standard error."""
        if self._errors is None:
            return message
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").splitlines()
        return "\n".join((message, *said[-LAST_LINES:]))
