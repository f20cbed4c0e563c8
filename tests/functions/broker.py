"""Brokers on loopback that behave well or badly, over real sockets and real TLS."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from pathlib import Path

from functions.probe.deadline import Deadline

HOST = "mqtt-eu-west-1.iot-dev.example.com"

Serve = Callable[[ssl.SSLSocket, "Broker"], None]


class Broker:
    """One server on a port of its own; `connect` leads every host to it."""

    def __init__(self, certificate: Path | None, serve: Serve) -> None:
        self._serve = serve
        self._context = self._server_side(certificate) if certificate else None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.ended = threading.Event()
        self.asked_for: list[tuple[str, int]] = []
        self.names: list[str | None] = []
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._listener.getsockname()[1]

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """Connect to this server, whatever is asked for."""
        self.asked_for.append((host, port))
        return socket.create_connection(("127.0.0.1", self.port), deadline.remaining())

    @contextlib.contextmanager
    def running(self) -> Generator["Broker"]:
        """Serve until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            # Wakes the accept, which closing would not.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._thread.join(10)
            self._listener.close()

    def _server_side(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        return context

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while not self.ended.is_set():
                client, _ = self._listener.accept()
                with client:
                    self._meet(client)

    def _meet(self, client: socket.socket) -> None:
        client.settimeout(60)
        with contextlib.suppress(OSError):
            if self._context is None:
                until_closed(client)
                return
            with self._context.wrap_socket(client, server_side=True) as tls:
                self._serve(tls, self)


def until_closed(client: socket.socket) -> None:
    """Read and never answer."""
    while client.recv(4096):
        pass


def answering(status: str, rest: bytes = b"\r\n{}") -> Serve:
    """Answer each request with a status such as `200 OK`."""

    def serve(tls: ssl.SSLSocket, broker: Broker) -> None:
        request = b""
        while not request.endswith(b"}"):
            piece = tls.recv(4096)
            if not piece:
                return
            request += piece
        broker.requests.append(request)
        tls.sendall(f"HTTP/1.1 {status}\r\n".encode() + rest)

    return serve


def silent(tls: ssl.SSLSocket, _broker: Broker) -> None:
    """Take a request and never answer."""
    until_closed(tls)


def closing(tls: ssl.SSLSocket, _broker: Broker) -> None:
    """Take a request and hang up."""
    tls.recv(4096)


def dripping(tls: ssl.SSLSocket, broker: Broker) -> None:
    """Answer a byte now and then, and never come to the end of a line."""
    while not broker.ended.wait(0.01):
        tls.sendall(b"H")


def babbling(tls: ssl.SSLSocket, _broker: Broker) -> None:
    """Speak something other than HTTP."""
    tls.recv(4096)
    tls.sendall(b"220 smtp.example.com ESMTP\r\n")


def endless(tls: ssl.SSLSocket, _broker: Broker) -> None:
    """Answer with a line that has no end."""
    tls.recv(4096)
    tls.sendall(b"H" * 100_000)
