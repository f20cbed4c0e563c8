"""The process that calls the watcher each rehearsed minute, as EventBridge does.

It is told its configuration, a line of JSON, and tells each decision.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Final

from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.orders import Orders, run, tell
from iot_dr.drill.rig.region.function_host import FunctionHost
from iot_dr.drill.rig.region.region_config import WatcherConfig

_MINUTE: Final = 60.0
# The most calls at the same time: with the longest settings one takes some minutes.
_CONCURRENCY: Final = 16


class Context:
    """What Lambda tells a function about one call, in rehearsed time."""

    def __init__(self, clock: Clock, limit: float) -> None:
        self._clock = clock
        self._end = clock.now() + limit

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is ended."""
        return max(0, round((self._end - self._clock.now()) * 1000))


class Schedule:
    """Calls the watcher at its phase in each rehearsed minute, whether or not the last has ended.

    Lambda would start another instance for a call that finds the others busy, and so does the host.
    """

    def __init__(self, config: WatcherConfig) -> None:
        # The SDK is a part of Lambda's runtime; to import it takes the machine's time.
        import_module("boto3")
        self._config = config
        self._clock = Clock(config.time.speed, config.time.origin)
        self._host = FunctionHost(config.watcher, self._clock, lambda _line: None)
        self._threads = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="watcher")

    async def run(self) -> None:
        """Call it until cancelled."""
        while True:
            now = self._clock.now()
            await self._clock.sleep(_MINUTE - (now - self._config.phase) % _MINUTE)
            self._threads.submit(self._watch)

    def _watch(self) -> None:
        try:
            answer = self._host({}, Context(self._clock, self._config.limit))
        except Exception as error:  # noqa: BLE001 - Lambda counts whatever it raises as an error
            tell(decision="error", cause=f"{type(error).__name__}: {error}", at=self._clock.now())
        else:
            tell(decision=str(answer["decision"]), cause="", at=self._clock.now())


async def _serve(orders: Orders) -> None:
    schedules: list[asyncio.Task[None]] = []

    async def begin(config: WatcherConfig) -> None:
        schedules.append(asyncio.get_running_loop().create_task(Schedule(config).run()))

    while await orders.follow(WatcherConfig, begin):
        pass


if __name__ == "__main__":
    run(_serve)
