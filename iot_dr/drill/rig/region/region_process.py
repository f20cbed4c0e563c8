"""Process of one region: HTTPS on its regional name, and its health API.

It reads a RegionConfig, then a RegionState whenever the state changes.
"""

import json
import ssl
from functools import partial
from typing import Any

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.front import PublishHandler, publish_once
from iot_dr.drill.rig.region.function_host import FunctionHost
from iot_dr.drill.rig.region.health_api import HealthFront
from iot_dr.drill.rig.region.https_server import only_for, serve_https
from iot_dr.drill.rig.region.region_config import HealthConfig, RegionConfig, RegionState
from iot_dr.drill.rig.requests import Requests, run, send_to_parent


def send_outcome(line: str) -> None:
    """Send the outcome in a line of a function's log to the parent, if it has one."""
    entry = json.loads(line)
    if "Outcome" in entry:
        outcome: str = " ".join(filter(None, (entry["Outcome"], entry.get("cause"))))
        send_to_parent(outcome=outcome)


class RegionServers:
    """The servers of a region."""

    def __init__(self, config: RegionConfig) -> None:
        self._config = config
        self._clock = RigClock(config.time.speed, config.time.origin)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        only_for(self._tls, config.names)
        publish = partial(publish_once, config.host, config.broker_port)
        self._front = PublishHandler(config.region, config.roles, self._clock, publish)
        self._health = _health_front(config.health, self._clock) if config.health else None

    async def open(self) -> None:
        """Start the servers; raises OSError if a port is in use or a certificate is unreadable."""
        await self.take(self._config.state)
        host, health = self._config.host, self._config.health
        await serve_https(self._front.answer, self._tls, (host, self._config.https_port))
        if health is not None and self._health is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(health.identity.certificate, health.identity.key)
            only_for(tls, frozenset({health.api.host}))
            await serve_https(self._health.answer, tls, (host, health.port))

    async def take(self, state: RegionState) -> None:
        """Apply a state; raises OSError for an unreadable certificate."""
        # Applies to new handshakes.
        self._tls.load_cert_chain(state.certificate, state.key)
        self._front.refuses, self._front.latency = state.refuses, state.latency
        if self._health is not None:
            self._health.fails = state.fails_canary


def _health_front(config: HealthConfig, clock: RigClock) -> HealthFront:
    host = FunctionHost(config.canary, clock, send_outcome)

    def canary(event: object, context: object) -> Any:  # noqa: ANN401 - the function's result
        try:
            return host(event, context)
        except Exception as error:
            send_to_parent(outcome=f"error {type(error).__name__}: {error}")
            raise

    return HealthFront(config, clock, canary)


async def _serve(orders: Requests) -> None:
    regions: list[RegionServers] = []

    async def begin(config: RegionConfig) -> None:
        regions.append(RegionServers(config))
        await regions[0].open()

    if await orders.handle_next(RegionConfig, begin):
        while regions and await orders.handle_next(RegionState, regions[0].take):
            pass


if __name__ == "__main__":
    run(_serve)
