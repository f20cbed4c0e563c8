"""A backend for Terraform's states: a local one writes the whole state for each resource.

That takes two thirds of the processor time of an apply of the platform.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote

SERVED_STATE = "served.tfstate"
"""The state's file in the folder of its configuration."""

_BACKEND = """terraform {{
  backend "http" {{
    address = "{}"
  }}
}}
"""


class _States(BaseHTTPRequestHandler):
    """A path is that of a configuration's folder."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        file = self._file()
        if file.is_file():
            self._answer(HTTPStatus.OK, file.read_bytes())
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        self._file().write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(HTTPStatus.OK)

    def _file(self) -> Path:
        return Path(unquote(self.path)) / SERVED_STATE

    def _answer(self, status: HTTPStatus, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it so
        pass


@contextmanager
def state_server() -> Generator[Callable[[Path], object]]:
    """Yield a function that makes the configuration in a folder keep its state in a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _States) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        root = f"http://127.0.0.1:{server.server_port}"
        try:
            yield lambda folder: (folder / "state_override.tf").write_text(
                _BACKEND.format(f"{root}{quote(str(folder.absolute()))}"), encoding="utf-8"
            )
        finally:
            server.shutdown()
            thread.join()
