"""Tiny wheels, and an index on loopback that serves them to clients with the password."""

import base64
import hashlib
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

USER: Final = "somebody"
PASSWORD: Final = "hush-hush-hush"


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> str:
    """Write a wheel with these files; return its line for a lock."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = (0o100755 if "/scripts/" in file else 0o100644) << 16
            archive.writestr(entry, text)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    return f"{name}=={version} --hash=sha256:{digest}\n"


class PackageIndex:
    """The address of an index, including credentials, and the requests to it."""

    def __init__(self, port: int) -> None:
        self.at = f"127.0.0.1:{port}"
        self.url = f"http://{USER}:{PASSWORD}@{self.at}/simple/"
        self.asked: list[str] = []
        self.wheel_is_asked = threading.Event()
        self.serves_wheels = threading.Event()
        self.serves_wheels.set()


@contextmanager
def package_index(wheels: Path) -> Generator[PackageIndex]:
    """Serve the wheels of a folder below `/simple/`; `/empty/` has none."""
    expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A proxy gets the whole address.
            index.asked.append(self.path)
            path = Path(urlsplit(self.path).path)
            if self.headers["Authorization"] != expected:
                self.answer(401, b"")
            elif path.suffix == ".whl" and (wheels / path.name).exists():
                index.wheel_is_asked.set()
                index.serves_wheels.wait()
                with suppress(BrokenPipeError):  # the client may not wait for it
                    self.answer(200, (wheels / path.name).read_bytes())
            elif path.parts[1] == "simple" and (result := wheels.glob(f"{path.name}-*.whl")):
                links = "".join(f'<a href="{file.name}">{file.name}</a>' for file in result)
                self.answer(200 if links else 404, f"<html><body>{links}".encode())
            else:
                self.answer(404, b"")

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        index = PackageIndex(server.server_port)
        threading.Thread(target=server.serve_forever).start()
        try:
            yield index
        finally:
            index.serves_wheels.set()
            server.shutdown()
