"""The live page of a game, on the loopback interface and below a token."""

import secrets
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from typing import Final, cast

from iot_dr.common.html import style
from iot_dr.common.user_error import UserError
from iot_dr.terraform.sandbox.loopback import HOST

_TYPES: Final = {"": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_EVENTS: Final = "events"
_SECONDS: Final = 0.5


class PortError(UserError):
    """The page's port is in use."""


class _Handler(BaseHTTPRequestHandler):
    # The server waits for every connection when the game ends, a browser's unused ones too.
    timeout = 2.0

    state: Callable[[], str]
    token: str
    ended: Event

    def do_GET(self) -> None:
        """Answer a request of this machine's browser that has the token."""
        host = f"{HOST}:{cast('HTTPServer', self.server).server_port}"
        _, token, *rest = [*self.path.split("/", 2), ""]
        is_ours = secrets.compare_digest(token.encode(), self.token.encode())
        # Another name of this machine would be one of another site (DNS rebinding).
        if self.headers.get("Host") != host or not is_ours:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif rest[0] == _EVENTS:
            self._stream()
        elif rest[0] in _TYPES:
            self._send(_TYPES[rest[0]], _file(rest[0]))
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _begin(self, type_: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{type_}; charset=utf-8")
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, type_: str, content: str) -> None:
        self._begin(type_)
        self.wfile.write(content.encode())

    def _stream(self) -> None:
        """Send the state twice a second, the last time once the game has ended."""
        self._begin("text/event-stream")
        with suppress(OSError):
            is_last = False
            while True:
                self.wfile.write(f"data: {self.state()}\n\n".encode())
                if is_last:
                    break
                is_last = self.ended.wait(_SECONDS)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""


@contextmanager
def page_served(state: Callable[[], str], port: int) -> Generator[str]:
    """Serve the page of a state, which is JSON, for a `with` block; yields its URL.

    Port 0 takes a free one. At the end each page gets the last state. Raises PortError.
    """
    token, ended = secrets.token_urlsafe(16), Event()
    bound = {"state": staticmethod(state), "token": token, "ended": ended}
    try:
        server = ThreadingHTTPServer((HOST, port), type("Handler", (_Handler,), bound))
    except OSError as error:
        message = f"--port {port}: {error.strerror}; choose another, or none for a free one"
        raise PortError(message) from None
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/{token}/"
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _file(name: str) -> str:
    text = Path(__file__).with_name(name or "page.html").read_text(encoding="utf-8")
    return style() + text if name == "page.css" else text
