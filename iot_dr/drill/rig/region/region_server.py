"""The processes of a region, as the drill starts them and lets them fail."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from iot_dr.drill.rig.child import ModuleChild
from iot_dr.drill.rig.region.cloud import Cloud
from iot_dr.drill.rig.region.function_host import FunctionConfig
from iot_dr.drill.rig.region.region_config import (
    HealthConfig,
    Identity,
    RegionConfig,
    RegionState,
    Role,
    TimeConfig,
    WatcherConfig,
)
from iot_dr.drill.rig.world.world import Lambda
from modules.function_package import function_package

OnDecision = Callable[[float, str, str], None]
"""Is told when (rehearsed seconds) the watcher decided what, and why where it failed."""


def function_config(
    cloud: Cloud, function: Lambda, role: Role, others: dict[str, str]
) -> FunctionConfig:
    """Return how a process runs a function in a role, with variables besides its own."""
    region = {"AWS_REGION": function.region, "AWS_DEFAULT_REGION": function.region}
    return FunctionConfig(
        package=str(function_package(function.handler.split(".")[1]).path),
        handler=function.handler,
        variables={
            **function.variables,
            **region,
            **role.variables,
            **others,
            "SSL_CERT_FILE": str(cloud.roots),
        },
        doors=cloud.doors(),
    )


def time_config(cloud: Cloud) -> TimeConfig:
    """Return how fast time runs, for a process."""
    return TimeConfig(speed=cloud.clock.speed, origin=cloud.clock.origin)


class RegionServer:
    """One region's HTTPS front and health API, as an async context manager.

    `front` is the certificate that the regional name shows, `api` the health API's, for the host
    name that `cloud` tells. What was changed stays changed when the process is killed and started
    again. `outcomes` counts what came of the canary's probes, with the cause where there is one,
    and the errors that its function raised. Methods that change something raise ModuleChildError
    when the process does not do it.
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
        """Becomes a sentence when the process ends though nobody asked for it."""
        return self._child.died

    async def start(self) -> None:
        """Start it, unless it runs, and wait until it serves; raises ModuleChildError."""
        await self._child.start(self._config.model_copy(update={"state": self._state}))

    async def stop(self) -> None:
        """End it."""
        await self._child.end()

    async def kill(self) -> None:
        """Kill it as a machine that goes: SIGKILL."""
        await self._child.end()

    def freeze(self) -> None:
        """Stop it without ending it: the kernel still accepts connections for it."""
        self._child.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `freeze`."""
        self._child.send(signal.SIGCONT)

    async def put_certificate(self, identity: Identity) -> None:
        """Let the regional name show another certificate to whoever connects from now on."""
        await self._change(certificate=identity.certificate, key=identity.key)

    async def refuse_all(self) -> None:
        """Answer every publish with a 403."""
        await self._change(refuses=True)

    async def accept_all(self) -> None:
        """End what `refuse_all` began."""
        await self._change(refuses=False)

    async def fail_canary(self) -> None:
        """Let the canary's function fail, whatever the broker does."""
        await self._change(fails_canary=True)

    async def mend_canary(self) -> None:
        """End what `fail_canary` began."""
        await self._change(fails_canary=False)

    async def slow(self, latency: float) -> None:
        """Let each answer of the regional name come so many rehearsed seconds late; 0 ends it."""
        await self._change(latency=latency)

    async def _change(self, **what: object) -> None:
        self._state = self._state.model_copy(update=what)
        if self._child.is_running:
            await self._child.tell(self._state)

    def _take(self, line: dict[str, Any]) -> None:
        self.outcomes[line["outcome"]] += 1


def _config(cloud: Cloud, region: str, api: Identity, state: RegionState) -> RegionConfig:
    host, https_port = cloud.door(region, "https")
    return RegionConfig(
        region=region,
        host=host,
        https_port=https_port,
        broker_port=cloud.addresses.local,
        names=cloud.world.site(region).served_names,
        roles=cloud.roles_in(region),
        time=time_config(cloud),
        health=_health_config(cloud, region, api),
        state=state,
    )


def _health_config(cloud: Cloud, region: str, api: Identity) -> HealthConfig | None:
    canary = cloud.world.site(region).canary
    if canary is None:
        return None
    return HealthConfig(
        port=cloud.addresses.api,
        api=cloud.apis[region],
        identity=api,
        canary=function_config(cloud, canary, cloud.canaries[region], {}),
    )


class WatcherServer:
    """The watcher of a world that has one, as an async context manager.

    `endpoint` is the URL of the drill's CloudWatch; `phase` is when in each rehearsed minute the
    watcher is called. Its decisions are those of its own code, `well`, `latched`, `blind` and
    `undecided`, and `error` when it raises. Raises ValueError for a world without a watcher.
    """

    def __init__(self, cloud: Cloud, endpoint: str, on_decision: OnDecision, phase: float) -> None:
        self._config = _watcher_config(cloud, endpoint, phase)
        self._on_decision = on_decision
        self._child = ModuleChild("iot_dr.drill.rig.region.watcher_process", self._take)

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


def _watcher_config(cloud: Cloud, endpoint: str, phase: float) -> WatcherConfig:
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
