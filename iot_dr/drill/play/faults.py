"""A relay in front of a made-up AWS account that can make regions and services fail.

A request's service and region are those of its signature. `refuse` closes the connection: all
regions share one address, so a port cannot be closed for one of them.
"""

import json
import re
import socket
import struct
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Literal
from urllib.parse import urlsplit

from iot_dr.terraform.sandbox.loopback import HOST

Failing = Literal["refuse", "hang", "500"]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([\w-]+)/([\w-]+)/aws4_request")
_NOT_RELAYED = {"connection", "transfer-encoding", "content-length"}


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A client's request: the service and region of its signature, and the rest."""

    service: str
    region: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that replaces the account's own."""

    status: int
    body: bytes
    content_type: str = "application/xml"

    @classmethod
    def of_json(cls, document: Mapping[str, Any], status: int = HTTPStatus.OK) -> "Reply":
        """Return a document as an answer."""
        return cls(status, json.dumps(document).encode(), "application/json")


Answer = Callable[[ApiRequest], Reply | None]


@dataclass
class Faults:
    """What fails, by region and service (its signing name; None: every service of the region).

    `answers` are called first and may reply instead of the account, for behaviour that moto lacks.
    `seen` has all requests, including the failed ones.
    """

    endpoint: str = ""
    failing: dict[tuple[str, str | None], Failing] = field(
        default_factory=dict[tuple[str, str | None], Failing]
    )
    answers: list[Answer] = field(default_factory=list[Answer])
    seen: list[ApiRequest] = field(default_factory=list[ApiRequest])

    def fail(self, how: Failing, region: str, service: str | None = None) -> None:
        """Make a region, or one service of it, fail from now on."""
        self.failing[region, service] = how

    def clear(self) -> None:
        """Remove all faults, and forget the requests."""
        self.failing.clear()
        self.answers.clear()
        self.seen.clear()

    def failure_of(self, request: ApiRequest) -> Failing | None:
        """Return the injected failure of a request, or None."""
        by_service = self.failing.get((request.region, request.service))
        return by_service or self.failing.get((request.region, None))

    def reply(self, request: ApiRequest) -> Reply | None:
        """Return the first reply of `answers`, or None."""
        return next((reply for each in self.answers if (reply := each(request))), None)


class _Relay(BaseHTTPRequestHandler):
    faults: Faults
    account: str
    ended: Event
    protocol_version = "HTTP/1.1"
    # Otherwise an answer's body waits until the client has acknowledged its head.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        # A busy machine may be slow, and a client whose connection ends repeats a request that was
        # done.
        self._account = HTTPConnection(self.account, timeout=300)

    def relay(self) -> None:
        request = self._request()
        self.faults.seen.append(request)
        how = self.faults.failure_of(request)
        if how == "refuse":
            self._reset()
        elif how == "hang":
            self.ended.wait()
            self._reset()
        elif how == "500":
            self._answer(Reply(500, b"<Error><Code>InternalFailure</Code></Error>"))
        elif reply := self.faults.reply(request):
            self._answer(reply)
        else:
            self._pass_on(request)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = do_PATCH = relay  # noqa: N815 - named by http.server

    def _request(self) -> ApiRequest:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        region, service = scope.groups() if scope else ("", "")
        headers = dict(self.headers.items())
        return ApiRequest(service, region, self.command, self.path, headers, body)

    def _pass_on(self, request: ApiRequest) -> None:
        self._account.request(request.method, request.path, request.body, request.headers)
        answer = self._account.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _NOT_RELAYED:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if request.method == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _reset(self) -> None:
        # Closed without lingering: the client sees a reset, not an end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def handle(self) -> None:
        # A client whose timeout has passed may be gone when the answer is ready.
        with suppress(OSError, ValueError), closing(self._account):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
        pass


class _Server(ThreadingHTTPServer):
    # `status` sends dozens of requests at once; beyond the backlog a client waits a second or more.
    request_queue_size = 128
    daemon_threads = True


@contextmanager
def faults_before(account: str) -> Generator[Faults]:
    """Relay to an account for a `with` block; clients use `Faults.endpoint`."""
    faults = Faults()
    ended = Event()
    bound = {"faults": faults, "account": urlsplit(account).netloc, "ended": ended}
    server = _Server((HOST, 0), type("Relay", (_Relay,), bound))
    faults.endpoint = f"http://{HOST}:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield faults
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
