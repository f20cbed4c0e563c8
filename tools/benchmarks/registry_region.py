"""One region as a program of its own: an emulator behind HTTP, a round trip away.

The argument is the round trip in seconds. The first line of output is the address without the round
trip, and the one with it; the program ends with its standard input.
"""

import os
import sys
import time
from collections.abc import Iterable
from threading import Thread
from typing import Final
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from iot_dr.drill.play.account import Application
from tests.support.quick_moto import quicken

ACCOUNT: Final = "111111111111"
"""The account of the region."""

_HOST: Final = "127.0.0.1"
_NONE: Final = b'{"certificates": []}'


class _Quiet(WSGIRequestHandler):
    # A new connection for each call would dominate the measurement.
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: a client reports errors."""


class _Late:
    def __init__(self, near: Application, round_trip: float) -> None:
        self._near = near
        self._round_trip = round_trip

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(self._round_trip)
        if environ["PATH_INFO"].startswith("/cacertificates"):
            # moto does not list them.
            start_response("200 OK", [("Content-Length", str(len(_NONE)))])
            return [_NONE]
        return self._near(environ, start_response)


def main() -> None:
    """Serve until standard input ends."""
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    quicken(pytest.MonkeyPatch())
    near = Application()
    for application in (near, _Late(near, float(sys.argv[1]))):
        server = make_server(_HOST, 0, application, threaded=True, request_handler=_Quiet)
        sys.stdout.write(f"http://{_HOST}:{server.port} ")
        Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
    os._exit(0)
