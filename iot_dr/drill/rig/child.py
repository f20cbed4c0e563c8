"""Processes that the drill starts, that never outlive it, and that are told what to do."""

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
from iot_dr.drill.rig.orders import LONGEST_LINE

_PATIENCE: Final = 20.0
_TAIL: Final = 5

Stream = IO[bytes] | int | None


class ModuleChildError(UserError):
    """A process of the drill's own did not do what it was told, or ended."""


class Child:
    """A process that Linux kills when the thread that started it ends.

    `ended` becomes its exit status, negative for a signal, as in subprocess. It is in a session of
    its own: Ctrl-C reaches the drill alone, which then ends it. `owner` are
    the user and the group that it is run as. Raises OSError when it cannot be started.
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
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes] | None:
        """Its standard input, where that is a pipe."""
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its standard output, where that is a pipe."""
        return self._process.stdout

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if not self.ended.done():
            signal.pidfd_send_signal(self._handle, number)

    async def end(self) -> None:
        """Kill it, and wait until it has ended."""
        self.send(signal.SIGKILL)
        await asyncio.shield(self.ended)

    def _reap(self) -> None:
        self._loop.remove_reader(self._handle)
        os.close(self._handle)
        self.ended.set_result(self._process.wait())


class ModuleChild:
    """Starts `python -m module`, which answers each line with `{"done": true}` or an error.

    Every other line that it prints goes to `on_line`. `died` becomes a sentence when the process
    ends though nobody asked for it.
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
        self._telling = asyncio.Lock()

    @property
    def is_running(self) -> bool:
        """Whether the process runs; one that is frozen does."""
        return self._child is not None and not self._child.ended.done()

    async def start(self, config: BaseModel) -> None:
        """Start it, unless it runs, and tell it its configuration.

        Raises ModuleChildError when it does not take that, with the last lines of its errors.
        """
        if self.is_running:
            return
        await self.end()
        # Appended to, so that reading it here moves nothing for the process.
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - as long as the process lives
        self._child = child = Child(
            # -I: whatever the caller's folder or variables hold is none of its business.
            [sys.executable, "-I", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._reading = asyncio.get_running_loop().create_task(self._read(child))
        try:
            await self.tell(config)
        except BaseException:
            await self.end()
            raise
        child.ended.add_done_callback(lambda ended: self._tell_death(child, ended.result()))

    async def tell(self, what: BaseModel) -> None:
        """Send it an order and wait until it has done it; raises ModuleChildError."""
        async with self._telling:
            if self._child is None or self._child.stdin is None or not self.is_running:
                raise ModuleChildError(f"{self._module} does not run")
            self._answer = asyncio.get_running_loop().create_future()
            with suppress(BrokenPipeError):
                self._child.stdin.write(what.model_dump_json().encode() + b"\n")
                self._child.stdin.flush()
            try:
                async with asyncio.timeout(_PATIENCE):
                    problem = await self._answer
            except TimeoutError:
                problem = f"no answer within {_PATIENCE:g} s"
            if problem is not None:
                raise ModuleChildError(self._with_errors(f"{self._module}: {problem}"))

    async def end(self) -> None:
        """Kill it, whatever it does; nothing of it is kept."""
        # Kept until it has ended: where the wait is cancelled, the next call goes on with it.
        child = self._ending = self._child or self._ending
        self._child = None
        if child is not None:
            await child.end()
            if child.stdin is not None:
                # What could not be written any more is of no use to anyone.
                with suppress(BrokenPipeError):
                    child.stdin.close()
            self._ending = None
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self._child is not None:
            self._child.send(number)

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
            problem = f"{self._module} told what is no line of JSON: {error}"
            self._settle(problem)
            if not self.died.done():
                self.died.set_result(problem)
        finally:
            transport.close()

    def _take(self, told: dict[str, Any]) -> None:
        if "done" in told:
            self._settle(None)
        elif "error" in told:
            self._settle(told["error"])
        else:
            self._on_line(told)

    def _settle(self, problem: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(problem)

    def _tell_death(self, child: Child, status: int) -> None:
        if self._child is child and not self.died.done():
            self.died.set_result(self._with_errors(f"{self._module} ended with status {status}"))

    def _with_errors(self, message: str) -> str:
        """Add the last lines that the process wrote to its standard error."""
        if self._errors is None:
            return message
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").splitlines()
        return "\n".join((message, *said[-_TAIL:]))
