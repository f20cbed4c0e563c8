"""The child's side of a ModuleChild: reads requests, prints answers, both lines of JSON."""

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
"""Longest line in bytes, on either side."""

_OUTPUT: Final = 1
_PRINTING: Final = Lock()

MakeLoop = Callable[[], asyncio.AbstractEventLoop]
_Order = TypeVar("_Order", bound=BaseModel)


def send_to_parent(**fields: object) -> None:
    """Send a line to the parent; safe to call from any thread."""
    line = json.dumps(fields).encode() + b"\n"
    with _PRINTING:
        while line:
            line = line[os.write(_OUTPUT, line) :]


class Requests:
    """The requests on standard input; each is answered when it is done."""

    def __init__(self, lines: asyncio.StreamReader) -> None:
        self._lines = lines

    async def handle_next(
        self, kind: type[_Order], act: Callable[[_Order], Awaitable[None]]
    ) -> bool:
        """Handle the next request; return False at the end of input.

        An OSError of `act` is sent to the parent as the answer.
        """
        line = await self._lines.readline()
        if not line:
            return False
        try:
            await act(kind.model_validate_json(line))
        except OSError as error:
            send_to_parent(error=str(error))
        else:
            send_to_parent(done=True)
        return True


def run(serve: Callable[[Requests], Awaitable[None]], make_loop: MakeLoop | None = None) -> None:
    """Run `serve`, which must return at the end of input; then exit.

    Input ends when the parent closes it or dies. SIGINT is ignored; the parent handles it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def main() -> None:
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        await serve(Requests(lines))

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(main())
    # Does not wait for threads that still call a function.
    os._exit(0)
