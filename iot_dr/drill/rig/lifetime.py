"""The lifetime of a rig's parts: they are stopped with it, and a death ends the rehearsal."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Protocol, TypeVar

from iot_dr.drill.rig.gathering import leaves


class Mortal(Protocol):
    """A part whose process may end by itself."""

    @property
    def died(self) -> asyncio.Future[str]:
        """Becomes a sentence if it does."""
        ...


_Mortal = TypeVar("_Mortal", bound=Mortal)


class Lifetime:
    """Starts parts of a rig, which the exit stack stops; `deaths` resolve to what went wrong."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.stack = stack
        self.deaths: list[asyncio.Future[str]] = []

    async def start(self, part: AbstractAsyncContextManager[_Mortal]) -> _Mortal:
        """Start a part, and watch its process."""
        started = await self.stack.enter_async_context(part)
        self.deaths.append(started.died)
        return started

    def run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run work until the rig is stopped; if it raises, the rehearsal ends."""
        loop = asyncio.get_running_loop()
        task, died = loop.create_task(work), loop.create_future()
        self.deaths.append(died)

        def report(ended: asyncio.Task[None]) -> None:
            if not ended.cancelled() and (error := ended.exception()):
                died.set_result(f"{name} failed: {'; '.join(dict.fromkeys(leaves(error)))}")

        task.add_done_callback(report)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.stack.push_async_callback(end)
