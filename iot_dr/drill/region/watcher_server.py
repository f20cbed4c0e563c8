"""The watcher's process, as the drill starts it."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Self

from iot_dr.drill.process.module_child import ModuleChild
from iot_dr.drill.region.cloud import Cloud
from iot_dr.drill.region.region_config import WatcherConfig
from iot_dr.drill.region.region_server import function_config, time_config

OnDecision = Callable[[float, str, str], None]
"""Is told when (rehearsed seconds) the watcher decided what, and why where it failed."""


class WatcherServer:
    """The watcher of a world that has one, as an async context manager.

    `endpoint` is the URL of the drill's CloudWatch; `phase` is when in each rehearsed minute the
    watcher is called. Its decisions are those of its own code, `well`, `latched`, `blind` and
    `undecided`, and `error` when it raises. Raises ValueError for a world without a watcher.
    """

    def __init__(
        self, cloud: Cloud, endpoint: str, on_decision: OnDecision, phase: float = 0
    ) -> None:
        self._config = _config(cloud, endpoint, phase)
        self._on_decision = on_decision
        self._child = ModuleChild("iot_dr.drill.region.watcher_process", self._take)

    async def __aenter__(self) -> Self:
        await self._child.start(self._config)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._child.end()

    @property
    def died(self) -> asyncio.Future[str]:
        """Becomes a sentence when the process ends though nobody asked for it."""
        return self._child.died

    def _take(self, line: dict[str, Any]) -> None:
        self._on_decision(line["at"], line["decision"], line["cause"])


def _config(cloud: Cloud, endpoint: str, phase: float) -> WatcherConfig:
    function, role = cloud.world.watcher, cloud.watcher
    if function is None or role is None:
        message = f"{cloud.world.environment} has no watcher"
        raise ValueError(message)
    aws = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return WatcherConfig(
        watcher=function_config(cloud, function, role, aws),
        limit=function.timeout,
        phase=phase,
        time=time_config(cloud),
    )
