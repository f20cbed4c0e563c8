"""A region's process, as the drill starts it and lets it fail."""

import asyncio
import signal
from collections import Counter
from typing import Any, Self

from iot_dr.drill.process.module_child import ModuleChild
from iot_dr.drill.region.cloud import Cloud
from iot_dr.drill.region.function_host import FunctionConfig
from iot_dr.drill.region.identity import Identity
from iot_dr.drill.region.region_config import HealthConfig, RegionConfig, RegionState, TimeConfig
from iot_dr.drill.region.role import Role
from iot_dr.drill.world.world import Lambda
from modules.function_package import function_package


def function_config(
    cloud: Cloud, function: Lambda, role: Role, others: dict[str, str]
) -> FunctionConfig:
    """Tell a process how to run a function in a role, with variables besides its own."""
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
    """Tell a process how fast time runs."""
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
        self._child = ModuleChild("iot_dr.drill.region.region_process", self._take)

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
