"""Capacity of this machine, measured before a drill."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from iot_dr.common.user_error import UserError
from iot_dr.drill.fleet.connect_process import ConnectConfig
from iot_dr.drill.recording import MAX_LOAD, MachineLoad
from iot_dr.drill.rig.addresses import free_addresses
from iot_dr.drill.rig.child import ModuleChild, ModuleChildError
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.device_gateway import GatewayState

_REGION: Final = "scratch"
_NAME: Final = "device.scratch.invalid"
_REPORT_SECONDS: Final = 1.0

_ENOUGH: Final = 1 << 20
# Open files of a broker or a process of devices besides one for each device.
_OWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Capacity of this machine: usable processors, open files, and connects per second.

    `connect_rate` is that of one broker and one client process together, with mutual TLS.
    """

    cores: int
    descriptors: int
    connect_rate: float

    def machine(self, devices: int, speed: float, ceiling: float) -> MachineLoad:
        """Return the capacity with the load of a fleet that reconnects after losing all links.

        All devices reconnect within `ceiling` rehearsed seconds, at `speed` rehearsed seconds per
        second of real time.
        """
        return MachineLoad(
            cores=self.cores,
            descriptors=self.descriptors,
            connect_rate=self.connect_rate,
            needed=devices * speed / ceiling,
        )

    def most_devices(self, speed: float, ceiling: float) -> int:
        """Return the largest number of devices with which a rehearsal is valid on this machine."""
        by_rate = int(MAX_LOAD * self.connect_rate * ceiling / speed)
        # A region's gateway has a socket to the device and one to the broker.
        return min(by_rate, most_links(self.descriptors) // 2)


async def measured_limits() -> Limits:
    """Measure the capacity for a second, with a temporary broker.

    Raises NoBrokerError without mosquitto, and ModuleChildError if no client connects.
    """
    descriptors = raise_limit()
    return Limits(
        cores=len(os.sched_getaffinity(0)),
        descriptors=descriptors,
        connect_rate=await _connect_rate(),
    )


async def _connect_rate() -> float:
    rates: list[float] = []

    def take(line: dict[str, Any]) -> None:
        rates.append(line["rate"])

    addresses = free_addresses([_REGION])
    with TemporaryDirectory(prefix="iot-dr-drill-") as folder:
        authority = Authority(Path(folder) / "authority")
        config = ConnectConfig(
            host=addresses.hosts[_REGION],
            port=addresses.mqtt,
            name=_NAME,
            roots=authority.roots,
            certificate=authority.client("scratch"),
            seconds=_REPORT_SECONDS,
        )
        child = ModuleChild("iot_dr.drill.fleet.connect_process", take)
        try:
            access = GatewayState.permissive(authority.server(_NAME))
            async with Broker(_REGION, addresses, authority.roots, access):
                await child.start(config)
        finally:
            await child.end()
    if not rates or not rates[0]:
        raise ModuleChildError("no device could connect to a broker of this machine")
    return rates[0]


class TooFewDescriptorsError(UserError):
    """The limit of open files is lower than the devices need."""


def raise_limit() -> int:
    """Raise this process's limit of open files, to the hard limit or 2**20, and return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def most_links(limit: int) -> int:
    """Return how many links a process may have with a limit of open files."""
    return max(0, limit - _OWN)


def refuse_too_many(links: int) -> None:
    """Raise TooFewDescriptorsError if a process may not open so many links."""
    limit = raise_limit()
    if links > most_links(limit):
        needed = links + _OWN
        message = (
            f"{links} devices need {needed} open files in one process, but {limit} are allowed;"
            f" run `ulimit -n {needed}`, or use at most {most_links(limit)} devices"
        )
        raise TooFewDescriptorsError(message)
