"""The process that stands in for AWS in one region: its name's HTTPS, and its health API.

It is told its configuration, then its state as often as that changes, a line of JSON each.
"""

import json
import ssl
from functools import partial
from typing import Any

from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.orders import Orders, run, tell
from iot_dr.drill.rig.region.front import Front, publish_once
from iot_dr.drill.rig.region.function_host import FunctionHost
from iot_dr.drill.rig.region.health_api import HealthFront
from iot_dr.drill.rig.region.https_server import only_for, serve_https
from iot_dr.drill.rig.region.region_config import HealthConfig, RegionConfig, RegionState


def tell_outcome(line: str) -> None:
    """Send the parent what came of a function's probe, from a line of the function's log."""
    told = json.loads(line)
    if "Outcome" in told:
        outcome: str = " ".join(filter(None, (told["Outcome"], told.get("cause"))))
        tell(outcome=outcome)


class Region:
    """What the process serves."""

    def __init__(self, config: RegionConfig) -> None:
        self._config = config
        self._clock = Clock(config.time.speed, config.time.origin)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        only_for(self._tls, config.names)
        publish = partial(publish_once, config.host, config.broker_port)
        self._front = Front(config.region, config.roles, self._clock, publish)
        self._health = _health_front(config.health, self._clock) if config.health else None

    async def open(self) -> None:
        """Serve; raises OSError where a port is taken or a certificate cannot be read."""
        await self.take(self._config.state)
        host, health = self._config.host, self._config.health
        await serve_https(self._front.answer, self._tls, (host, self._config.https_port))
        if health is not None and self._health is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(health.identity.certificate, health.identity.key)
            only_for(tls, frozenset({health.api.host}))
            await serve_https(self._health.answer, tls, (host, health.port))

    async def take(self, state: RegionState) -> None:
        """Become what a state says; raises OSError for a certificate that cannot be served."""
        # For handshakes to come; those that are done stay as they are.
        self._tls.load_cert_chain(state.certificate, state.key)
        self._front.refuses, self._front.latency = state.refuses, state.latency
        if self._health is not None:
            self._health.fails = state.fails_canary


def _health_front(config: HealthConfig, clock: Clock) -> HealthFront:
    host = FunctionHost(config.canary, clock, tell_outcome)

    def canary(event: object, context: object) -> Any:  # noqa: ANN401 - what the function answers
        try:
            return host(event, context)
        except Exception as error:
            tell(outcome=f"error {type(error).__name__}: {error}")
            raise

    return HealthFront(config.api, clock, canary)


async def _serve(orders: Orders) -> None:
    regions: list[Region] = []

    async def begin(config: RegionConfig) -> None:
        regions.append(Region(config))
        await regions[0].open()

    if await orders.follow(RegionConfig, begin):
        while regions and await orders.follow(RegionState, regions[0].take):
            pass


if __name__ == "__main__":
    run(_serve)
