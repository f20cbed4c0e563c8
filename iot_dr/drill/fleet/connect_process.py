"""The process that measures how fast devices connect: it is told to whom, and tells the rate."""

import asyncio
import ssl
from itertools import count
from pathlib import Path
from typing import Final

import uvloop
from pydantic import BaseModel, ConfigDict

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import open_link
from iot_dr.drill.rig.orders import Orders, run, tell
from iot_dr.drill.rig.region.region_config import Identity

_AT_ONCE: Final = 32


class ConnectConfig(BaseModel):
    """A broker, how to be accepted by it, and the seconds for which to connect again and again."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    name: str
    roots: Path
    certificate: Identity
    seconds: float


async def rate(config: ConnectConfig) -> float:
    """Return the connects a second of some devices that connect and part, time after time."""
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


async def _serve(orders: Orders) -> None:
    async def measure(config: ConnectConfig) -> None:
        tell(rate=await rate(config))

    await orders.follow(ConnectConfig, measure)
    # The parent ends this process once it has the answer.
    await orders.follow(ConnectConfig, measure)


if __name__ == "__main__":
    run(_serve, uvloop.new_event_loop)
