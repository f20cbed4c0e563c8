"""Process that measures the connect rate: reads a ConnectConfig, sends the rate."""

import asyncio
import ssl
from itertools import count
from pathlib import Path
from typing import Final

import uvloop
from pydantic import BaseModel, ConfigDict

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import open_link
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.requests import Requests, run, send_to_parent

_AT_ONCE: Final = 32


class ConnectConfig(BaseModel):
    """A broker, the client's credentials for it, and how many seconds to measure."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    name: str
    roots: Path
    certificate: Identity
    seconds: float


async def rate(config: ConnectConfig) -> float:
    """Return the connects per second of clients that connect and disconnect repeatedly."""
    tls = ssl.create_default_context(cafile=config.roots)
    tls.load_cert_chain(config.certificate.certificate, config.certificate.key)
    loop, numbers, done = asyncio.get_running_loop(), count(), [0]
    begin = loop.time()
    end = begin + config.seconds

    async def connect_and_part() -> None:
        while loop.time() < end:
            hello = packet.connect(f"scratch-{next(numbers)}", 0)
            address = config.host, config.port
            link = await open_link(address, hello, lambda _: None, tls=(tls, config.name))
            done[0] += 1
            link.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(connect_and_part())
    return done[0] / (loop.time() - begin)


async def _serve(orders: Requests) -> None:
    async def measure(config: ConnectConfig) -> None:
        send_to_parent(rate=await rate(config))

    await orders.handle_next(ConnectConfig, measure)
    # The parent ends this process after the first answer; this waits for it.
    await orders.handle_next(ConnectConfig, measure)


if __name__ == "__main__":
    run(_serve, uvloop.new_event_loop)
