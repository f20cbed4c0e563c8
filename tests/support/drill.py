"""Shared helpers of the drill's tests: real brokers, each on its own address."""

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import pytest

from iot_dr.drill.rig.addresses import Addresses, free_addresses
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.device_gateway import GatewayState
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.region.mosquitto import NoBrokerError, mosquitto

P = ParamSpec("P")

ZONE = "iot-dev.example.com"


def _has_mosquitto() -> bool:
    try:
        mosquitto()
    except NoBrokerError:
        return False
    return True


# With IOT_DR_REQUIRE_MOSQUITTO set, a missing mosquitto fails the tests instead of skipping them.
needs_mosquitto = pytest.mark.skipif(
    not _has_mosquitto() and not os.environ.get("IOT_DR_REQUIRE_MOSQUITTO"),
    reason="mosquitto is not installed: apt-get install mosquitto",
)


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in its own event loop, for a minute at most."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def limited() -> None:
            async with asyncio.timeout(60):
                await test(*args, **kwargs)

        asyncio.run(limited())

    return run


@dataclass(frozen=True)
class Regions:
    """Brokers by region, with their trust and addresses."""

    authority: Authority
    addresses: Addresses
    brokers: dict[str, Broker]


@asynccontextmanager
async def regions(folder: Path, *names: str, knows_devices: bool = True) -> AsyncGenerator[Regions]:
    """Run a broker for each region, with a certificate for all names of the zone."""
    authority = Authority(folder / "authority")
    addresses = free_addresses(names)
    served = authority.server(f"*.{ZONE}")
    async with AsyncExitStack() as stack:
        access = GatewayState.permissive(served)
        if not knows_devices:
            access = access.model_copy(update={"policies": ()})
        brokers = {name: Broker(name, addresses, authority.roots, access) for name in names}
        for broker in brokers.values():
            await stack.enter_async_context(broker)
        yield Regions(authority, addresses, brokers)


def client_context(authority: Authority, client: Identity | None = None) -> ssl.SSLContext:
    """Return the TLS context of a client that trusts one authority and may have a certificate."""
    context = ssl.create_default_context(cafile=authority.roots)
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


def server_context(server: Identity) -> ssl.SSLContext:
    """Return the TLS context of a server that requests no certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate, server.key)
    return context
