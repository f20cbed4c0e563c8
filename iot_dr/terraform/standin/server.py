"""Serves the stand-in over gRPC, as go-plugin does for providers written in Go.

Source of the additional services: hashicorp/go-plugin, `grpc_controller.proto` and
`grpc_stdio.proto`, and gRPC's health checking protocol.
"""

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import grpc

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.existing import NO_RESOURCES, ExistingResources
from iot_dr.terraform.standin.messages import METHODS
from iot_dr.terraform.standin.provider import StandinProvider
from iot_dr.terraform.standin.wire import encode_field

_SERVING = encode_field(1, 1)
_THREADS = 8
_UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


_LOOPBACK: Final = "127.0.0.1"

_Method = Callable[[bytes, grpc.ServicerContext], bytes]


class StandinServer:
    """A gRPC server with one provider per connection, so that aliases stay separate.

    On a TCP port it serves processes of its own user only (see `is_own`), since it reads files that
    a configuration names. (A socket lies in a folder that only its user can open.)
    """

    def __init__(
        self,
        cache: SchemaCache,
        scope: Sequence[Path] = (),
        existing: ExistingResources = NO_RESOURCES,
    ) -> None:
        self.stopped = threading.Event()
        self._new_provider = partial(StandinProvider, cache, scope, existing)
        self._providers: dict[str, StandinProvider] = {}
        self._port = 0
        self.grpc: grpc.Server = grpc.server(
            ThreadPoolExecutor(_THREADS), handlers=[_Router(self)], options=_UNLIMITED
        )

    def listen(self) -> int:
        """Listen on a free port of the loopback interface and return it."""
        self._port = self.grpc.add_insecure_port(f"{_LOOPBACK}:0")
        return self._port

    def serves(self, peer: str) -> bool:
        """Whether the connection `peer` belongs to this user, as far as the system shows it."""
        kind, _, address = peer.partition(":")
        return kind == "unix" or is_own(int(address.rpartition(":")[2]), self._port)

    def provider_of(self, peer: str) -> StandinProvider:
        """Return the provider of the connection `peer`, a new one at its first call."""
        return self._providers.setdefault(peer, self._new_provider())


class _Router(grpc.GenericRpcHandler):
    def __init__(self, server: StandinServer) -> None:
        self._server = server

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        service, _, method = handler_call_details.method.rpartition("/")
        if service == "/tfplugin5.Provider" and (method in METHODS or method == "GetSchema"):
            return self._handler(partial(self._answer, method))
        if method == "StreamStdio":
            return grpc.unary_stream_rpc_method_handler(_no_output)
        answer = {"Shutdown": self._shut_down, "Check": _health}.get(method)
        # None is gRPC's UNIMPLEMENTED, which Terraform takes for "this provider has no such thing".
        return self._handler(answer) if answer else None

    def _handler(self, method: _Method) -> "grpc.RpcMethodHandler[bytes, bytes]":
        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            if not self._server.serves(context.peer()):
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "the stand-in serves its own user")
            return method(request, context)

        return grpc.unary_unary_rpc_method_handler(answer)

    def _answer(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        return self._server.provider_of(context.peer()).answer(method, request)

    def _shut_down(self, _request: bytes, _context: grpc.ServicerContext) -> bytes:
        self._server.stopped.set()
        return b""


def _health(_request: bytes, _context: grpc.ServicerContext) -> bytes:
    return _SERVING


def _no_output(_request: bytes, _context: grpc.ServicerContext) -> Iterator[bytes]:
    return iter(())


# Linux answers exact questions about a TCP socket by netlink (man 7 sock_diag). Its table
# /proc/net/tcp may miss rows while connections come and go, and takes milliseconds to read.
_HOST: Final = "127.0.0.1"
_SOCK_DIAG: Final = 4
_BY_FAMILY: Final = 20
_REQUEST: Final = 1
_ANY: Final = 0xFFFFFFFF
_HEADER: Final = struct.Struct("=IHHII")
# The length of the answer's fields before the user's id: family to timer, the socket, counters.
_USER_AT: Final = _HEADER.size + 4 + 48 + 12


def is_own(client_port: int, server_port: int) -> bool:
    """Whether the client's socket belongs to the server's user.

    True for every socket if the system does not report owners, as outside of Linux.
    """
    return _owner(client_port, server_port) == os.getuid() or not _reports_owners()


def _reports_owners() -> bool:
    """Whether the system reports the owner of a connection of this process's own."""
    with (
        socket.create_server((_HOST, 0)) as server,
        socket.create_connection(server.getsockname()[:2]) as client,
    ):
        return _owner(client.getsockname()[1], server.getsockname()[1]) is not None


def _owner(client_port: int, server_port: int) -> int | None:
    host = socket.inet_aton(_HOST).ljust(16, b"\0")
    wanted = struct.pack("!HH", client_port, server_port) + host * 2
    question = (
        struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, _ANY)
        + wanted
        + struct.pack("=III", 0, _ANY, _ANY)
    )
    header = _HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST, 0, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
            kernel.send(header + question)
            answer = kernel.recv(8192)
    except (AttributeError, OSError):
        return None
    kind: int = _HEADER.unpack_from(answer)[1]
    return struct.unpack_from("=I", answer, _USER_AT)[0] if kind == _BY_FAMILY else None
