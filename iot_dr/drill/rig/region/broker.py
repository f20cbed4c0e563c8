"""The MQTT broker of one region: a mosquitto process, and a device gateway in front of it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Final, Self

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.packet import LOCAL_CLIENT
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.child import LAST_LINES, Child, ModuleChild
from iot_dr.drill.rig.region.device_gateway import GatewayConfig, GatewayState
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.region.mosquitto import (
    BrokerFiles,
    NoBrokerError,
    configuration,
    mosquitto,
)

_CONFIGURATION: Final = "mosquitto.conf"
_LOG: Final = "log"
_RUNNING: Final = " running"
_PATIENCE: Final = 10.0
_POLL: Final = 0.005


class Broker:
    """A region's broker and its device gateway, an async context manager; its files are removed.

    Devices connect with TLS to the region's address and the port `mqtt`, with a client certificate
    that `roots` have issued. They are presented and permitted what `access` says; client ids that
    match `things` are names of things. The drill's own clients connect to the plain port `local`,
    with the client id prefix LOCAL_CLIENT. `died` becomes a sentence if a process ends
    unexpectedly.

    It has no persistence and no queue limits. It writes a message to its subscribers' sockets
    before it acknowledges it; without a subscriber its PUBACK has the reason "no matching
    subscribers".
    """

    def __init__(  # noqa: PLR0913 - what a region has of its own
        self,
        region: str,
        addresses: Addresses,
        roots: Path,
        access: GatewayState,
        *,
        account_id: str = "",
        things: str = ".*",
    ) -> None:
        self.region = region
        self.died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._host, self._port = addresses.hosts[region], addresses.local
        self._access = access
        self._config = GatewayConfig(
            region=region,
            account_id=account_id,
            host=self._host,
            port=addresses.mqtt,
            broker_port=addresses.local,
            roots=roots,
            things=things,
            state=access,
        )
        self._gateway = ModuleChild("iot_dr.drill.rig.region.gateway_process", lambda _line: None)
        self._gateway.died.add_done_callback(lambda died: self._die(died.result()))
        self._child: Child | None = None
        self._files: BrokerFiles | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the process runs; a frozen one does."""
        return self._child is not None and not self._child.ended.done()

    async def start(self) -> None:
        """Start broker and gateway, unless they run, and wait until they listen.

        Raises NoBrokerError if mosquitto is not installed, or, with the log's last lines, if it
        ends or does not answer within 10 s; ModuleChildError if the gateway does not start.
        """
        config = self._config.model_copy(update={"state": self._access})
        gateway = asyncio.ensure_future(self._gateway.start(config))
        try:
            if not self.is_running:
                await self._start_mosquitto()
            await gateway
        except BaseException:
            gateway.cancel()
            await asyncio.gather(gateway, return_exceptions=True)
            raise

    async def _start_mosquitto(self) -> None:
        before = self._written().count(_RUNNING)
        child = self._child = self._launched(mosquitto())
        await self._until_running(before, child)
        child.ended.add_done_callback(lambda _: self._report_exit(child))

    async def kill(self) -> None:
        """Kill broker and gateway with SIGKILL."""
        child, self._child = self._child, None
        ends = [self._gateway.end(), *([child.end()] if child else ())]
        await asyncio.gather(*ends)

    def freeze(self) -> None:
        """Suspend the processes with SIGSTOP: their sockets stay open, but nothing answers."""
        self._gateway.send_signal(signal.SIGSTOP)
        if self._child is not None:
            self._child.send_signal(signal.SIGSTOP)

    async def resume(self) -> None:
        """Resume the processes after `freeze`, first the gateway.

        So the broker gets what devices have sent before it finds that their keep-alive has expired.
        """
        self._gateway.send_signal(signal.SIGCONT)
        # At its second answer the gateway has read from every socket.
        for _ in range(2):
            await self._change(closes_links=False)
        if self._child is not None:
            self._child.send_signal(signal.SIGCONT)

    async def present(self, identity: Identity) -> None:
        """Present another certificate for every name, and close all links of devices."""
        certificates = dict.fromkeys(self._config.state.certificates, identity)
        await self._change(certificates=certificates, own=identity)

    async def present_own(self) -> None:
        """Undo `present`, and close all links of devices."""
        state = self._config.state
        await self._change(certificates=state.certificates, own=state.own)

    async def refuse_all(self) -> None:
        """Detach every policy from the devices' certificates, and close all links of devices."""
        await self._change(policies=())

    async def accept_all(self) -> None:
        """Undo `refuse_all`; links stay."""
        await self._change(policies=self._config.state.policies, closes_links=False)

    async def stop(self) -> None:
        """Kill the processes and remove their files."""
        try:
            await self.kill()
        finally:
            if self._files is not None:
                self._files.remove()
                self._files = None

    def _last_lines(self) -> str:
        return "\n".join(self._written().splitlines()[-LAST_LINES:])

    def _written(self) -> str:
        if self._files is None:
            return ""
        return (self._files.folder / _LOG).read_text(errors="replace")

    async def _change(self, *, closes_links: bool = True, **fields: object) -> None:
        """Change what devices get; a stopped gateway reads it when it starts."""
        self._access = self._access.model_copy(update=fields)
        if self._gateway.is_running:
            change = {"closes_links": closes_links}
            await self._gateway.request(self._access.model_copy(update=change))

    def _launched(self, program: str) -> Child:
        files = self._files or BrokerFiles()
        self._files = files
        lines = configuration(self._host, self._port)
        files.write(_CONFIGURATION, "".join(f"{line}\n" for line in lines).encode())
        log_file = files.folder / _LOG
        log_file.touch(mode=0o600)
        with log_file.open("ab") as log:
            return Child(
                (program, "-c", str(files.folder / _CONFIGURATION)),
                stdout=log,
                stderr=log,
                owner=files.owner,
            )

    async def _until_running(self, before: int, child: Child) -> None:
        async def has_started() -> bool:
            return self._written().count(_RUNNING) > before

        # Until it has logged this, another program may answer at its address.
        await self._until(has_started, child)
        await self._until(self._answers, child)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            with closing(writer):
                writer.write(packet.connect(f"{LOCAL_CLIENT}starting", 0))
                answers = packet.Parser().feed(await reader.read(packet.LONGEST))
        except OSError:
            return False
        return packet.ConnAck(packet.SUCCESS) in answers

    async def _until(self, is_so: Callable[[], Awaitable[bool]], child: Child) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await is_so():
                    if child.ended.done():
                        message = f"mosquitto ended during its start: {self._last_lines()}"
                        raise NoBrokerError(message)
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            message = f"mosquitto did not answer within {_PATIENCE:.0f} s: {self._last_lines()}"
            raise NoBrokerError(message) from None

    def _report_exit(self, child: Child) -> None:
        """Set `died` if this process ended unexpectedly."""
        if self._child is child:
            self._die(
                f"the broker of {self.region} ended by itself with status {child.ended.result()}: "
                f"{self._last_lines()}"
            )

    def _die(self, why: str) -> None:
        if not self.died.done():
            self.died.set_result(why)
