"""A sandbox of which some regions refuse: requests to their buckets get an error.

Without any answer Terraform retries five times, for a quarter of a minute, whatever AWS's variables
are. So this is a refusal, after which it does not retry.
"""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

HOST = "127.0.0.1"
_KEPT = {"connection", "transfer-encoding", "content-length"}


class Cut:
    """Which buckets are cut off, and the requests to them."""

    def __init__(self) -> None:
        self.buckets: set[str] = set()
        self.refused: list[str] = []


@contextmanager
def cut_off(endpoint: str, cut: Cut) -> Generator[str]:
    """Relay to an S3 endpoint for a `with` block, and yield the relay's address."""
    target = urlsplit(endpoint).netloc

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def relay(self) -> None:
            bucket = urlsplit(self.path).path.lstrip("/").partition("/")[0]
            if bucket in cut.buckets:
                cut.refused.append(f"{self.command} {self.path}")
                self.close_connection = True
                self.send_response(HTTPStatus.FORBIDDEN)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = HTTPConnection(target, timeout=60)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _KEPT:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = relay  # noqa: N815 - named by http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            pass

    server = ThreadingHTTPServer((HOST, 0), Relay)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
