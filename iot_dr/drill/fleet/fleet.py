"""The fleet of devices, in a child process."""

import asyncio
import ssl
from collections import Counter
from typing import Any, Final, Self

from iot_dr.common.user_error import UserError
from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.device import thing_name
from iot_dr.drill.fleet.fleet_config import FleetConfig, FleetRequest
from iot_dr.drill.fleet.greeting import Greeting
from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.fleet.machine import refuse_too_many
from iot_dr.drill.fleet.mqtt_link import BrokerError, open_link, refusal
from iot_dr.drill.fleet.topics import Topics
from iot_dr.drill.rig.child import ModuleChild

_MODULE: Final = "iot_dr.drill.fleet.fleet_process"
_ROUNDS: Final = 2
_ATTEMPTS: Final = 2
_KEEP_ALIVE: Final = 30


class FleetError(UserError):
    """Not all devices connected, a device raised an unexpected error, or their process ended."""


class UnservedError(FleetError):
    """Some devices are not connected in time; the message has the causes."""


class Fleet:
    """The devices of a configuration, an async context manager; they start to connect on entry.

    `counts` are the connected devices by region, at most 0.1 s old. `died` resolves to the
    reason, a sentence, if their process ends unexpectedly or a device raises. Entering raises
    TooFewDescriptorsError if this machine does not allow so many open files, and ModuleChildError
    if the process does not start.
    """

    def __init__(self, config: FleetConfig) -> None:
        self.died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.counts = Counter[str]()
        self._config = config
        self._changed = asyncio.Event()
        self._refusals = Counter[str]()
        self._logbook = Logbook()
        self._is_stopped = False
        self._child = ModuleChild(_MODULE, self._take)

    async def __aenter__(self) -> Self:
        refuse_too_many(self._config.devices)
        await self._child.start(self._config)
        self._child.died.add_done_callback(lambda died: self._die(died.result()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._child.end()

    async def connected(self, patience: float) -> None:
        """Wait until all devices are connected.

        Raises FleetError if the process ends or a device raises, and UnservedError after the time
        in which the devices start, two attempts with back-off, and `patience` seconds of real time.
        """
        habits, speed = self._config.habits, self._config.time.speed
        ramp = self._config.devices / self._config.connect_rate
        limit = ramp + patience + _ROUNDS * (habits.connect_timeout + habits.ceiling) / speed
        try:
            async with asyncio.timeout(limit):
                while self.counts.total() < self._config.devices:
                    self._changed.clear()
                    await self._changed.wait()
                    if self.died.done():
                        raise FleetError(self.died.result())
        except TimeoutError:
            raise UnservedError(self._missing(limit)) from None

    async def refusal(self, region: str) -> str:
        """Connect to a region's address as one more device; return why it fails, "" if it works.

        The TLS handshake uses the device name (SNI) and verifies the certificate for it. Like a
        device it subscribes and publishes, and a consumer must answer. A failed connection is tried
        once more.
        """
        config = self._config
        tls = ssl.create_default_context(cafile=config.roots)
        tls.load_cert_chain(config.certificate.certificate, config.certificate.key)
        address = config.addresses.hosts[region], config.addresses.mqtt
        hello = packet.connect(thing_name(config.devices), _KEEP_ALIVE)
        limit = config.habits.connect_timeout / config.time.speed
        topics, why = Topics(config.environment, thing_name(config.devices)), ""
        for _ in range(_ATTEMPTS):
            greeting = Greeting(topics, 1 / config.time.speed)
            try:
                link = await open_link(
                    address, hello, greeting.take, tls=(tls, config.name), timeout=limit
                )
                await greeting.run(link, limit)
            except (OSError, BrokerError) as error:
                why = refusal(error)
            else:
                link.close()
                return ""
        return why

    async def stop(self) -> Logbook:
        """Stop the devices and return their logbook; raises ModuleChildError if they do not stop.

        The logbook is empty if their process had ended by itself.
        """
        if not self._is_stopped:
            self._is_stopped = True
            if self._child.is_running:
                await self._child.request(FleetRequest(action="stop"))
        return self._logbook

    def _missing(self, limit: float) -> str:
        met = self._refusals.most_common(3)
        causes = ", ".join(f"{cause} ({count} times)" for cause, count in met)
        return (
            f"{self.counts.total()} of {self._config.devices} devices are connected after"
            f" {limit:.0f} s; failures of the others: {causes or 'no answer'}"
        )

    def _take(self, line: dict[str, Any]) -> None:
        if "problem" in line:
            self._die(f"a device failed: {line['problem']}")
        elif "counts" in line:
            self.counts, self._refusals = Counter(line["counts"]), Counter(line["refusals"])
            self._changed.set()
        else:
            self._logbook.take(line)

    def _die(self, why: str) -> None:
        if not self._is_stopped and not self.died.done():
            self.died.set_result(why)
            self._changed.set()
