"""The MQTT broker of one region: a mosquitto process."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import closing
from types import TracebackType
from typing import Final, Self

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.packet import LOCAL_CLIENT
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.child import Child
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.mosquitto import (
    BrokerFiles,
    Listeners,
    NoBrokerError,
    configuration,
    mosquitto,
)
from iot_dr.drill.rig.region.region_config import Identity

_CONFIGURATION: Final = "mosquitto.conf"
_LOG: Final = "log"
_RUNNING: Final = " running"
_RELOADED: Final = "Reloading config."
_PATIENCE: Final = 10.0
_POLL: Final = 0.005
_TAIL: Final = 5


class Broker:
    """A region's broker, an async context manager; its folder is removed at the end.

    Devices connect with TLS and a client certificate to the region's address and the port `mqtt`;
    the drill's own clients to the plain port `local`, with the client id prefix LOCAL_CLIENT. With
    `knows_devices` false it refuses every client certificate. `died` becomes a sentence if the
    process ends unexpectedly.

    It has no persistence and no queue limits. It writes a message to its subscribers' sockets
    before it acknowledges it; without a subscriber its PUBACK has the reason "no matching
    subscribers".
    """

    def __init__(
        self,
        region: str,
        addresses: Addresses,
        authority: Authority,
        identity: Identity,
        *,
        knows_devices: bool = True,
    ) -> None:
        self.region = region
        self.died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._addresses, self._identity = addresses, identity
        self._trusted = authority.roots if knows_devices else authority.strangers
        self._refuses = False
        self._child: Child | None = None
        self._files: BrokerFiles | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the process runs; a frozen one does."""
        return self._child is not None and not self._child.ended.done()

    async def start(self) -> None:
        """Start the broker, unless it runs, and wait until it listens.

        Raises NoBrokerError if mosquitto is not installed, or, with the log's last lines, if it
        ends or does not answer within 10 s.
        """
        if self.is_running:
            return
        before = self._count(_RUNNING)
        child = self._child = self._launched(mosquitto())
        await self._until_logged(_RUNNING, before, child)
        child.ended.add_done_callback(lambda _: self._report_exit(child))

    async def kill(self) -> None:
        """Kill the broker with SIGKILL."""
        await self._end()

    def freeze(self) -> None:
        """Suspend the process with SIGSTOP: its sockets stay open, but it does not answer."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume the process after `freeze`."""
        self._send(signal.SIGCONT)

    async def restart(self) -> None:
        """Restart the broker, or start it: all links to it close."""
        await self._end()
        await self.start()

    async def put_certificate(self, identity: Identity, *, keeps_links: bool) -> None:
        """Serve another certificate; with `keeps_links` false, restart and close all links."""
        self._identity = identity
        await self._apply(keeps_links=keeps_links)

    async def refuse_all(self) -> None:
        """Refuse every new CONNECT of a device as not authorized; open links stay."""
        self._refuses = True
        await self._apply(keeps_links=True)

    async def accept_all(self) -> None:
        """Undo `refuse_all`."""
        self._refuses = False
        await self._apply(keeps_links=True)

    async def stop(self) -> None:
        """Kill the broker and remove its files."""
        try:
            await self._end()
        finally:
            if self._files is not None:
                self._files.remove()
                self._files = None

    def _last_lines(self) -> str:
        return "\n".join(self._written().splitlines()[-_TAIL:])

    def _written(self) -> str:
        if self._files is None:
            return ""
        return (self._files.folder / _LOG).read_text(errors="replace")

    def _send(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.send_signal(number)

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()

    def _launched(self, program: str) -> Child:
        files = self._files or BrokerFiles()
        self._files = files
        self._write(files)
        log_file = files.folder / _LOG
        log_file.touch(mode=0o600)
        with log_file.open("ab") as log:
            return Child(
                (program, "-c", str(files.folder / _CONFIGURATION)),
                stdout=log,
                stderr=log,
                owner=files.owner,
            )

    def _write(self, files: BrokerFiles) -> None:
        certificate = files.write("server.pem", self._identity.certificate.read_bytes())
        key = files.write("server.key", self._identity.key.read_bytes())
        roots = files.write("roots.pem", self._trusted.read_bytes())
        host, ports = self._addresses.hosts[self.region], self._addresses
        listeners = Listeners(host=host, tls=ports.mqtt, plain=ports.local)
        lines = configuration(listeners, Identity(certificate, key), roots)
        if self._refuses:
            lines = (f"clientid_prefixes {LOCAL_CLIENT}", *lines)
        files.write(_CONFIGURATION, "".join(f"{line}\n" for line in lines).encode())

    async def _apply(self, *, keeps_links: bool) -> None:
        """Reload or restart with changed settings; a stopped broker reads them when it starts."""
        if self._files is None or self._child is None or self._child.ended.done():
            return
        if not keeps_links:
            await self.restart()
            return
        self._write(self._files)
        before = self._count(_RELOADED)
        self._send(signal.SIGHUP)
        await self._until_logged(_RELOADED, before, self._child)

    def _count(self, words: str) -> int:
        return self._written().count(words)

    async def _until_logged(self, words: str, before: int, child: Child) -> None:
        async def has_logged() -> bool:
            return self._count(words) > before

        # Until it has logged this, another program may answer at its address.
        await self._until(has_logged, child)
        # Mosquitto has one thread: an answer now comes after the change that it logged.
        await self._until(self._answers, child)

    async def _answers(self) -> bool:
        host, port = self._addresses.hosts[self.region], self._addresses.local
        try:
            reader, writer = await asyncio.open_connection(host, port)
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
        if self._child is child and not self.died.done():
            self.died.set_result(
                f"the broker of {self.region} ended by itself with status {child.ended.result()}: "
                f"{self._last_lines()}"
            )
