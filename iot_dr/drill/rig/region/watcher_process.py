"""Process that calls the watcher in each rehearsed period, in place of EventBridge.

It reads a WatcherConfig and sends each decision, and before it each register that was not written.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.function_host import FunctionHost
from iot_dr.drill.rig.region.region_config import WatcherConfig
from iot_dr.drill.rig.requests import Requests, run, send_to_parent


class LambdaContext:
    """Lambda's context object of one call, in rehearsed time."""

    def __init__(self, clock: RigClock, limit: float) -> None:
        self._clock = clock
        self._end = clock.now() + limit

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function's timeout."""
        return max(0, round((self._end - self._clock.now()) * 1000))


class WatcherSchedule:
    """Calls the watcher at its phase in each period, even if the last call still runs.

    Like Lambda, the host then starts another instance, up to the function's concurrency: other
    asynchronous invocations wait. docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
    """

    def __init__(self, config: WatcherConfig) -> None:
        # Imported before the first call, as Lambda's runtime includes the SDK.
        import_module("boto3")
        self._config = config
        self._clock = RigClock(config.time.speed, config.time.origin)
        self._host = FunctionHost(config.watcher, self._clock, self._log)
        self._threads = ThreadPoolExecutor(config.concurrency, thread_name_prefix="watcher")

    async def run(self) -> None:
        """Call the watcher in every period until cancelled."""
        period = self._config.period
        while True:
            now = self._clock.now()
            await self._clock.sleep(period - (now - self._config.phase) % period)
            self._threads.submit(self._watch)

    def _log(self, line: str) -> None:
        # Of what a function logs, only its metrics are JSON.
        if '"Outcome": "unregistered"' in line:
            cause = json.loads(line)["cause"]
            send_to_parent(decision="unregistered", cause=cause, at=self._clock.now())

    def _watch(self) -> None:
        try:
            answer = self._host({}, LambdaContext(self._clock, self._config.limit))
        except Exception as error:  # noqa: BLE001 - Lambda counts whatever it raises as an error
            send_to_parent(
                decision="error", cause=f"{type(error).__name__}: {error}", at=self._clock.now()
            )
        else:
            send_to_parent(decision=str(answer["decision"]), cause="", at=self._clock.now())


async def _serve(orders: Requests) -> None:
    schedules: list[asyncio.Task[None]] = []

    async def begin(config: WatcherConfig) -> None:
        schedules.append(asyncio.get_running_loop().create_task(WatcherSchedule(config).run()))

    while await orders.handle_next(WatcherConfig, begin):
        pass


if __name__ == "__main__":
    run(_serve)
