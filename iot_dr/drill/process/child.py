"""Processes that the drill starts and that never outlive it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import IO

from iot_dr.common.parent_death import dying_with_parent

Stream = IO[bytes] | int | None


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
            preexec_fn=dying_with_parent(),  # noqa: PLW1509 - it calls nothing that takes a lock
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
