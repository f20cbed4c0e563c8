"""Connections to names with several addresses, some of them dead."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from functions.probe.connection import TcpProbe, connect
from functions.probe.deadline import Deadline
from tests.functions.world import Time

LOOPBACK = "127.0.0.1"


@contextmanager
def listening() -> Generator[int]:
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def refusing() -> Generator[int]:
    # Bound and not listening: whoever connects is refused, and nobody else gets the port.
    with socket.socket() as bound:
        bound.bind((LOOPBACK, 0))
        yield bound.getsockname()[1]


@contextmanager
def hanging() -> Generator[int]:
    """Return a port whose queue is full, so that connecting waits."""
    with socket.create_server((LOOPBACK, 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.setblocking(False)
            connection.connect_ex(address)
        yield address[1]
        for connection in waiting:
            connection.close()


def resolve(monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
    results = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (LOOPBACK, port)) for port in ports]

    def look_up(_host: str, _port: int, **_options: Any) -> list[Any]:
        return results

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_an_address_that_refuses_leaves_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing() as dead, listening() as well:
        resolve(monkeypatch, dead, well)
        with connect("host", 443, Deadline(10)) as opened:
            assert opened.getpeername()[1] == well


def test_an_address_that_hangs_leaves_time_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with hanging() as dead, listening() as well:
        resolve(monkeypatch, dead, well)
        with connect("host", 443, Deadline(0.4)) as opened:
            assert opened.getpeername()[1] == well


def test_addresses_that_all_refuse_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing() as dead:
        resolve(monkeypatch, dead, dead)
        with pytest.raises(ConnectionRefusedError):
            connect("host", 443, Deadline(10))


def test_addresses_that_all_hang_are_late(monkeypatch: pytest.MonkeyPatch) -> None:
    with hanging() as dead:
        resolve(monkeypatch, dead, dead, dead)
        with pytest.raises(TimeoutError):
            connect("host", 443, Deadline(0.1))


def test_a_lookup_that_took_all_the_time_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    deadline = Deadline(1.2, time.now)
    time.pass_(1.2)
    with listening() as well:
        resolve(monkeypatch, well)
        with pytest.raises(TimeoutError):
            connect("host", 443, deadline)


def test_the_shallow_probe_connects_to_mqtt_over_tls_and_hangs_up() -> None:
    ours, theirs = socket.socketpair()
    asked: list[tuple[str, int]] = []

    def opened(host: str, port: int, _deadline: Deadline) -> socket.socket:
        asked.append((host, port))
        return ours

    with theirs:
        TcpProbe("mqtt.example.com", connect=opened)(Deadline(10))
        assert asked == [("mqtt.example.com", 8883)]
        assert theirs.recv(1) == b""


def test_the_shallow_probe_of_a_port_that_nobody_listens_on_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with refusing() as dead:
        resolve(monkeypatch, dead)
        with pytest.raises(ConnectionRefusedError):
            TcpProbe("mqtt.example.com")(Deadline(10))
