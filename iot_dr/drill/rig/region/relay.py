"""TCP relay to a broker with added latency and limited bandwidth."""

import asyncio
from collections import deque
from contextlib import suppress

from iot_dr.drill.rig.clock import RigClock

_PIECE = 16_384


class Relay:
    """TCP relay that delays data in both directions by `latency` rehearsed seconds.

    `rate` is in bytes per rehearsed second for each direction of a connection, None for no limit.
    """

    def __init__(self, clock: RigClock, listen: tuple[str, int], to: tuple[str, int]) -> None:
        self.latency = 0.0
        self.rate: float | None = None
        self._clock = clock
        self.address = listen
        self._to = to
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; raises OSError if the port is in use."""
        host, port = self.address
        self._server = await asyncio.start_server(self._accept, host, port, backlog=1000)

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._pass(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        ways = (
            asyncio.ensure_future(self._one_way(reader, inner_writer)),
            asyncio.ensure_future(self._one_way(inner_reader, writer)),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in ways:
                direction.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, inner_writer):
                end.close()

    async def _one_way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copy one direction; read without delay, so that latency does not limit the bandwidth."""
        waiting: deque[tuple[float, bytes]] = deque()
        more = asyncio.Event()
        writing = asyncio.ensure_future(self._write(waiting, more, writer))
        try:
            with suppress(OSError):
                while piece := await reader.read(_PIECE):
                    waiting.append((self._clock.now() + self.latency, piece))
                    more.set()
            waiting.append((self._clock.now() + self.latency, b""))
            more.set()
            await writing
        finally:
            writing.cancel()

    async def _write(
        self, waiting: deque[tuple[float, bytes]], more: asyncio.Event, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            while not waiting:
                more.clear()
                await more.wait()
            due, piece = waiting.popleft()
            if not piece:
                return
            if (left := due - self._clock.now()) > 0:
                await self._clock.sleep(left)
            if self.rate:
                await self._clock.sleep(len(piece) / self.rate)
            with suppress(OSError):
                writer.write(piece)
                await writer.drain()
