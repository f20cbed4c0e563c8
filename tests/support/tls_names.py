"""Regional names on loopback: TLS servers with certificates of a made-up authority."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.functions.authority import key_usage

_HELLO = 65_536
"""More octets than a ClientHello."""

Serving = Literal["tls", "hang", "reset", "plain"]

_DAY: Final = timedelta(days=1)
_TRIES: Final = 20


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """An authority that only its own `trust` contains, and the file `roots` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed(
            _name("made-up authority"),
            self._key.public_key(),
            3650 * _DAY,
            x509.BasicConstraints(ca=True, path_length=None),
        )
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(self._certificate.public_bytes(Encoding.PEM))
        self.trust = ssl.create_default_context(cafile=str(self.roots))

    def served(
        self,
        common: str,
        names: list[str],
        *,
        lasts: timedelta = 90 * _DAY,
        extension: x509.ExtensionType | None = None,
    ) -> ssl.SSLContext:
        """Return a server's context with a certificate that is valid for `lasts`.

        `lasts` may be negative. `extension` replaces the one with the `names`.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
        certificate = self._signed(_name(common), key.public_key(), lasts, extension or named)
        file = self._folder / f"{certificate.serial_number}.pem"
        file.write_bytes(
            certificate.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        lasts: timedelta,
        extension: x509.ExtensionType,
    ) -> x509.Certificate:
        ends = datetime.now(UTC) + lasts
        is_authority = isinstance(extension, x509.BasicConstraints)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name("made-up authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - 4000 * _DAY)
            .not_valid_after(ends)
            .add_extension(extension, critical=is_authority)
            .add_extension(key_usage(ca=is_authority), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self._key, hashes.SHA256())
        )


@dataclass
class TlsName:
    """A server at an address; its behaviour and its certificate may change while it runs.

    It waits `delay` seconds before it answers a handshake.
    """

    listener: socket.socket
    context: ssl.SSLContext
    serving: Serving = "tls"
    delay: float = 0.0
    sockets: list[socket.socket] = field(default_factory=list[socket.socket])

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                channel, _ = self.listener.accept()
            except OSError:
                return
            self._take(channel)

    def _take(self, channel: socket.socket) -> None:
        channel.settimeout(5)
        if self.serving == "hang":
            self.sockets.append(channel)
            return
        if self.serving in ("reset", "plain"):
            # A client may see the end before it has sent anything.
            with suppress(OSError):
                channel.recv(_HELLO)
        if self.serving == "reset":
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.serving == "plain":
            channel.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            time.sleep(self.delay)
            with suppress(OSError), self.context.wrap_socket(channel, server_side=True) as secure:
                secure.recv(1)
        channel.close()

    def stop(self) -> None:
        """Refuse connections from now on, and close those that hang."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for channel in self.sockets:
            channel.close()


@dataclass(frozen=True)
class TlsNames:
    """A server for each region, each with its own address, all with the same port."""

    port: int
    addresses: dict[str, str]
    regions: dict[str, TlsName]


@contextmanager
def tls_names(contexts: dict[str, ssl.SSLContext]) -> Generator[TlsNames]:
    """Serve TLS for each region for a `with` block."""
    addresses = {region: f"127.0.1.{place}" for place, region in enumerate(contexts, 1)}
    listeners = _listeners(list(addresses.values()))
    servers = {
        region: TlsName(listener, contexts[region])
        for region, listener in zip(contexts, listeners, strict=True)
    }
    threads = [threading.Thread(target=each.serve) for each in servers.values()]
    for thread in threads:
        thread.start()
    try:
        yield TlsNames(listeners[0].getsockname()[1], addresses, servers)
    finally:
        for server in servers.values():
            server.stop()
        for thread in threads:
            thread.join()


def _listeners(addresses: list[str]) -> list[socket.socket]:
    """Listen at each address, with a port that is free at all of them."""
    for _ in range(_TRIES):
        listeners: list[socket.socket] = []
        port = 0
        try:
            for address in addresses:
                listeners.append(socket.create_server((address, port)))
                port = listeners[0].getsockname()[1]
        except OSError:
            for listener in listeners:
                listener.close()
        else:
            return listeners
    raise OSError("no port is free at all addresses")
