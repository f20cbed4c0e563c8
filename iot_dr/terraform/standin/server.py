"""Serves the stand-in over gRPC, as go-plugin does it for providers written in Go.

Source of the services beside the provider's own: hashicorp/go-plugin, `grpc_controller.proto` and
`grpc_stdio.proto`, and gRPC's health checking protocol.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import grpc

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.messages import METHODS
from iot_dr.terraform.standin.provider import StandinProvider
from iot_dr.terraform.standin.wire import field

_SERVING = field(1, 1)
_THREADS = 8
_UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class StandinServer:
    """A gRPC server with one provider for each connection, so that aliases keep apart."""

    def __init__(self, cache: SchemaCache, scope: Path | None = None) -> None:
        self.stopped = threading.Event()
        self._new_provider = partial(StandinProvider, cache, scope)
        self._providers: dict[str, StandinProvider] = {}
        self.grpc: grpc.Server = grpc.server(
            ThreadPoolExecutor(_THREADS), handlers=[_Router(self)], options=_UNLIMITED
        )

    def provider_of(self, peer: str) -> StandinProvider:
        """Give the provider that the connection `peer` has configured."""
        return self._providers.setdefault(peer, self._new_provider())


class _Router(grpc.GenericRpcHandler):
    def __init__(self, server: StandinServer) -> None:
        self._server = server

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        service, _, method = handler_call_details.method.rpartition("/")
        if service == "/tfplugin5.Provider" and (method in METHODS or method == "GetSchema"):
            return grpc.unary_unary_rpc_method_handler(partial(self._answer, method))
        if method == "StreamStdio":
            return grpc.unary_stream_rpc_method_handler(_no_output)
        answer = {"Shutdown": self._shut_down, "Check": _tell_health}.get(method)
        # None is gRPC's UNIMPLEMENTED, which Terraform takes for "this provider has no such thing".
        return grpc.unary_unary_rpc_method_handler(answer) if answer else None

    def _answer(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        return self._server.provider_of(context.peer()).answer(method, request)

    def _shut_down(self, _request: bytes, _context: grpc.ServicerContext) -> bytes:
        self._server.stopped.set()
        return b""


def _tell_health(_request: bytes, _context: grpc.ServicerContext) -> bytes:
    return _SERVING


def _no_output(_request: bytes, _context: grpc.ServicerContext) -> Iterator[bytes]:
    return iter(())
