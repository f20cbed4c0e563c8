"""The processes of a region, and the failures that outages cause in them."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Self

from iot_dr.drill.rig.child import ModuleChild
from iot_dr.drill.rig.region.cloud import Cloud
from iot_dr.drill.rig.region.function_host import FunctionConfig
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.region.region_config import (
    HealthConfig,
    RegionConfig,
    RegionState,
    Role,
    TimeConfig,
    WatcherConfig,
)
from iot_dr.drill.rig.world.world import Lambda
from modules.function_package import function_package

# Calls at the same time without a reserved concurrency; AWS allows more than the drill makes.
_UNRESERVED: Final = 40

OnDecision = Callable[[float, str, str], None]
"""Receives the time in rehearsed seconds, the watcher's decision, and an error's cause or ""."""


def function_config(
    cloud: Cloud, function: Lambda, role: Role, variables: dict[str, str]
) -> FunctionConfig:
    """Return the configuration of a function with a role; `variables` are additional ones."""
    region = {"AWS_REGION": function.region, "AWS_DEFAULT_REGION": function.region}
    return FunctionConfig(
        package=str(function_package(function.handler.split(".")[1]).path),
        handler=function.handler,
        variables={
            **function.variables,
            **region,
            **role.variables,
            **variables,
            "SSL_CERT_FILE": str(cloud.roots),
        },
        port_map=cloud.port_map(),
        name_server=(cloud.addresses.dns, cloud.addresses.domain),
        problem=function.problem,
    )


def time_config(cloud: Cloud) -> TimeConfig:
    """Return the clock's configuration for a child process."""
    return TimeConfig(speed=cloud.clock.speed, origin=cloud.clock.origin)


class RegionServer:
    """One region's HTTPS front and health API, an async context manager.

    `front` is the certificate of the regional name, `api` that of the health API, for its host name
    in `cloud`. Changes of the state survive a kill and restart. `outcomes` counts the outcomes and
    causes of the canary's probes, and errors of its function. Methods that change the state raise
    ModuleChildError if the process does not confirm it.
    """

    def __init__(self, cloud: Cloud, region: str, front: Identity, api: Identity) -> None:
        self.region = region
        self.outcomes = Counter[str]()
        self._state = RegionState(certificate=front.certificate, key=front.key)
        self._config = _config(cloud, region, api, self._state)
        self._child = ModuleChild("iot_dr.drill.rig.region.region_process", self._take)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def died(self) -> asyncio.Future[str]:
        """Becomes a sentence if the process ends unexpectedly."""
        return self._child.died

    async def start(self) -> None:
        """Start the process, unless it runs, and wait until it serves; raises ModuleChildError."""
        await self._child.start(self._config.model_copy(update={"state": self._state}))

    async def stop(self) -> None:
        """Stop the process."""
        await self._child.end()

    async def kill(self) -> None:
        """Kill the process with SIGKILL."""
        await self._child.end()

    def freeze(self) -> None:
        """Suspend the process with SIGSTOP: the kernel still accepts connections for it."""
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume the process after `freeze`."""
        self._child.send_signal(signal.SIGCONT)

    async def put_certificate(self, identity: Identity) -> None:
        """Serve another certificate on the regional name, for new connections."""
        await self._change(certificate=identity.certificate, key=identity.key)

    async def refuse_all(self) -> None:
        """Answer every publish with a 403."""
        await self._change(refuses=True)

    async def accept_all(self) -> None:
        """Undo `refuse_all`."""
        await self._change(refuses=False)

    async def fail_canary(self) -> None:
        """Let the canary's function fail, even if the broker works."""
        await self._change(fails_canary=True)

    async def restore_canary(self) -> None:
        """Undo `fail_canary`."""
        await self._change(fails_canary=False)

    async def slow(self, latency: float) -> None:
        """Delay each answer on the regional name by some rehearsed seconds; 0 for no delay."""
        await self._change(latency=latency)

    async def _change(self, **fields: object) -> None:
        self._state = self._state.model_copy(update=fields)
        if self._child.is_running:
            await self._child.request(self._state)

    def _take(self, line: dict[str, Any]) -> None:
        self.outcomes[line["outcome"]] += 1


def _config(cloud: Cloud, region: str, api: Identity, state: RegionState) -> RegionConfig:
    host, https_port = cloud.endpoint(region, "https")
    return RegionConfig(
        region=region,
        host=host,
        https_port=https_port,
        broker_port=cloud.addresses.local,
        names=cloud.world.site(region).served_names,
        roles=cloud.roles,
        time=time_config(cloud),
        health=_health_config(cloud, region, api),
        state=state,
    )


def _health_config(cloud: Cloud, region: str, api: Identity) -> HealthConfig | None:
    canary = cloud.world.site(region).canary
    if canary is None or region not in cloud.apis:
        return None
    return HealthConfig(
        port=cloud.addresses.api,
        api=cloud.apis[region],
        identity=api,
        canary=function_config(cloud, canary, cloud.canaries[region], {}),
        function=canary.id,
        timeout=canary.timeout,
        concurrency=_UNRESERVED if canary.concurrency is None else canary.concurrency,
    )


class WatcherServer:
    """A watcher's process, an async context manager.

    `endpoint` is the URL of the drill's CloudWatch; `phase` is the second of each rehearsed minute
    in which the watcher is called. Decisions are the values of the function's `Decision`, `error`
    if it raises, and `unregistered`, before another one, if a register could not be written.
    `function` is one of the world's watchers.
    """

    def __init__(
        self, cloud: Cloud, function: Lambda, endpoint: str, on_decision: OnDecision, phase: float
    ) -> None:
        self._config = _watcher_config(cloud, function, endpoint, phase)
        self._on_decision = on_decision
        self._child = ModuleChild("iot_dr.drill.rig.region.watcher_process", self._take)

    async def __aenter__(self) -> Self:
        await self._child.start(self._config)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._child.end()

    @property
    def died(self) -> asyncio.Future[str]:
        """Becomes a sentence if the process ends unexpectedly."""
        return self._child.died

    def _take(self, line: dict[str, Any]) -> None:
        self._on_decision(line["at"], line["decision"], line["cause"])


def _watcher_config(cloud: Cloud, function: Lambda, endpoint: str, phase: float) -> WatcherConfig:
    aws = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return WatcherConfig(
        watcher=function_config(cloud, function, cloud.watchers[function.region], aws),
        limit=function.timeout,
        phase=phase,
        period=function.period or 0,
        concurrency=_UNRESERVED if function.concurrency is None else function.concurrency,
        time=time_config(cloud),
    )
