"""The other side of a ModuleChild: what its process reads and prints."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from threading import Lock
from typing import Final, TypeVar

from pydantic import BaseModel

LONGEST_LINE: Final = 1 << 20
"""Bytes of the longest line that is read, on either side."""

_OUTPUT: Final = 1
_PRINTING: Final = Lock()

MakeLoop = Callable[[], asyncio.AbstractEventLoop]
_Order = TypeVar("_Order", bound=BaseModel)


def tell(**what: object) -> None:
    """Print a line for the parent, whole, from any thread."""
    line = json.dumps(what).encode() + b"\n"
    with _PRINTING:
        while line:
            line = line[os.write(_OUTPUT, line) :]


class Orders:
    """The lines of standard input, each of which is answered when it has been done."""

    def __init__(self, lines: asyncio.StreamReader) -> None:
        self._lines = lines

    async def follow(self, kind: type[_Order], act: Callable[[_Order], Awaitable[None]]) -> bool:
        """Do one order; False when no more come. An OSError is told, and ends nothing."""
        line = await self._lines.readline()
        if not line:
            return False
        try:
            await act(kind.model_validate_json(line))
        except OSError as error:
            tell(error=str(error))
        else:
            tell(done=True)
        return True


def run(serve: Callable[[Orders], Awaitable[None]], make_loop: MakeLoop | None = None) -> None:
    """Serve until that returns, which it has to when no more orders come; then end the process.

    No more come once the parent closes standard input or dies. Ctrl-C is for the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def main() -> None:
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        await serve(Orders(lines))

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(main())
    # Threads that still call a function must not hold this up.
    os._exit(0)
