import asyncio
import os
import select
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import textwrap
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.packet import LOCAL_CLIENT
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.device_gateway import GatewayState
from iot_dr.drill.rig.region.mosquitto import NoBrokerError, mosquitto
from tests.support.drill import ZONE, client_context, in_loop, needs_mosquitto, regions
from tests.support.processes import children

pytestmark = needs_mosquitto
_REGION = "eu-west-1"
_NAME = f"mqtt.{ZONE}"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class _World:
    """One region, and links to it that are cut at the end."""

    authority: Authority
    addresses: Addresses
    broker: Broker
    links: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def local(self) -> Streams:
        return await self._opened(self.addresses.local, None)

    async def secure(self, context: ssl.SSLContext | None = None) -> Streams:
        client = self.authority.client("thing-1")
        return await self._opened(
            self.addresses.mqtt, context or client_context(self.authority, client)
        )

    async def _opened(self, port: int, context: ssl.SSLContext | None) -> Streams:
        host, name = self.addresses.hosts[_REGION], _NAME if context else None
        streams = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
        self.links.append(streams[1])
        return streams


@asynccontextmanager
async def _world(folder: Path, *, knows_devices: bool = True) -> AsyncGenerator[_World]:
    async with regions(folder, _REGION, knows_devices=knows_devices) as made:
        world = _World(made.authority, made.addresses, made.brokers[_REGION])
        try:
            yield world
        finally:
            for link in world.links:
                link.transport.abort()


async def _session(streams: Streams, client_id: str = "thing-1") -> int:
    reader, writer = streams
    writer.write(packet.connect(client_id, 30))
    (answer,) = packet.Parser().feed(await reader.read(packet.LONGEST))
    assert isinstance(answer, packet.ConnAck)
    return answer.reason


async def _is_open(streams: Streams) -> bool:
    reader, writer = streams
    try:
        writer.write(packet.PINGREQ)
        return packet.Parser().feed(await reader.read(packet.LONGEST)) == [packet.PingResp()]
    except OSError:
        return False


@in_loop
async def test_a_device_is_accepted_by_its_certificate(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        assert await _session(await world.secure()) == packet.SUCCESS


@in_loop
async def test_a_device_without_a_certificate_is_refused(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        context = client_context(world.authority)
        streams = await world.secure(context)
        streams[1].write(packet.connect("thing-1", 30))
        with suppress(ConnectionResetError):
            assert await streams[0].read() == b""


@in_loop
async def test_a_region_that_knows_no_devices_refuses_theirs(tmp_path: Path) -> None:
    async with _world(tmp_path, knows_devices=False) as world:
        assert await _session(await world.secure()) == 0x87


@in_loop
async def test_a_killed_broker_refuses_connects_until_it_starts_again(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        broker, link = world.broker, await world.secure()
        await _session(link)
        await broker.kill()

        assert not broker.is_running
        assert not await _is_open(link)
        with pytest.raises(ConnectionRefusedError):
            await world.secure()

        await broker.start()
        assert await _session(await world.secure()) == packet.SUCCESS
        assert not broker.died.done()


@in_loop
async def test_a_frozen_broker_answers_when_it_goes_on(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        broker, link = world.broker, await world.secure()
        await _session(link)
        broker.freeze()
        answer = asyncio.create_task(_is_open(link))
        await asyncio.wait([answer], timeout=0.2)
        assert not answer.done()

        await broker.resume()
        assert await answer


@in_loop
async def test_an_expired_certificate_is_presented_until_it_is_undone(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        broker, link = world.broker, await world.secure()
        await _session(link)
        await broker.present(world.authority.server(f"*.{ZONE}", is_expired=True))

        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await world.secure()
        assert not await _is_open(link)

        await broker.present_own()
        assert await _session(await world.secure(), "thing-2") == packet.SUCCESS


@in_loop
async def test_refusing_all_leaves_the_drill_s_own_clients_alone(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        broker, link = world.broker, await world.secure()
        await _session(link)
        await broker.refuse_all()

        assert await _session(await world.secure(), "thing-2") == 0x87
        assert not await _is_open(link)
        assert await _session(await world.local(), f"{LOCAL_CLIENT}consumer") == packet.SUCCESS

        await broker.accept_all()
        assert await _session(await world.secure(), "thing-2") == packet.SUCCESS


@in_loop
async def test_a_broker_that_refuses_goes_on_to_after_a_restart(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        broker = world.broker
        await broker.refuse_all()
        await broker.kill()
        await broker.start()

        assert await _session(await world.secure(), "thing-2") == 0x87


@in_loop
async def test_a_broker_that_dies_by_itself_says_so(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        (pid,) = (pid for pid, command in children().items() if "mosquitto -c" in command)
        os.kill(pid, signal.SIGTERM)

        result = await world.broker.died
        assert result.startswith("the broker of eu-west-1 ended by itself with status 0")
        assert "terminating" in result


@in_loop
async def test_a_port_that_is_taken_is_reported_with_the_broker_s_own_words(tmp_path: Path) -> None:
    async with _world(tmp_path) as world:
        access = GatewayState.permissive(world.authority.server(f"*.{ZONE}"))
        with pytest.raises(
            NoBrokerError, match=r"ended during its start(.|\n)*Address already in use"
        ):
            async with Broker(_REGION, world.addresses, world.authority.roots, access):
                pass


@in_loop
async def test_it_runs_where_temporary_files_are_one_user_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(own))
    async with _world(tmp_path) as world:
        assert world.broker.is_running


@in_loop
async def test_nothing_is_left_of_a_broker(tmp_path: Path) -> None:
    async with _world(tmp_path):
        (command,) = (each for each in children().values() if "mosquitto" in each)
        folder = Path(command.split()[2]).parent
        assert folder.is_dir()

    assert not folder.exists()
    assert not any("mosquitto" in command for command in children().values())


@in_loop
async def test_nobody_else_may_read_what_a_broker_reads(tmp_path: Path) -> None:
    async with _world(tmp_path):
        ((pid, command),) = ((p, each) for p, each in children().items() if "mosquitto" in each)
        folder = Path(command.split()[2]).parent
        read = [folder, *folder.iterdir()]

        assert folder / "mosquitto.conf" in read
        assert not any(stat.S_IMODE(each.stat().st_mode) & 0o007 for each in read)
        assert not any(each.stat().st_mode & stat.S_IWGRP for each in read)
        # Whoever reads from the network needs none of root's rights.
        assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_without_mosquitto_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str, path: str | None = None) -> None:
        del path

    monkeypatch.setattr(shutil, "which", missing)
    with pytest.raises(NoBrokerError, match="apt-get install mosquitto"):
        mosquitto()


def test_a_broker_dies_with_its_parent(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio, os, signal, sys
        from pathlib import Path
        from iot_dr.drill.rig.region.mosquitto import mosquitto
        from tests.support.drill import regions
        from tests.support.processes import children

        async def main():
            # Folders may have spaces and "-c" in their names.
            broker = f"{mosquitto()} -c "
            async with regions(Path(sys.argv[1]), "eu-west-1") as world:
                for pid, command in children().items():
                    if command.startswith(broker):
                        print(pid, command.removeprefix(broker))
                sys.stdout.flush()
                os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
        """
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, check=False
    )
    pid, configuration = result.stdout.decode().strip().split(" ", 1)
    # Nobody was left to remove it.
    shutil.rmtree(Path(configuration).parent)

    # A killed process may be there for a moment more, and its parent is gone.
    try:
        handle = os.pidfd_open(int(pid))
    except ProcessLookupError:
        return
    with os.fdopen(handle, "rb"):
        assert select.select([handle], [], [], 10)[0]
