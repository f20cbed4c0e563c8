"""The sandbox's process: serves the folder in its first argument until standard input ends.

Its first line of output is JSON: {"port": number}, or {"error": sentence}.
"""

import json
import logging
import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform.sandbox.loopback import ACCOUNT_VARIABLE, HOST, confined_listener
from iot_dr.terraform.sandbox.sandbox import KEY_VARIABLE


def main() -> int:
    """Serve until the parent closes standard input or dies; return 1 if that cannot start."""
    folder = SandboxFolder(Path(sys.argv[1]))
    try:
        if not find_spec("moto"):
            raise OSError("moto is not installed: install the extra `terraform`")
        folder.prepare()
        listening = confined_listener()
    except OSError as error:
        _report({"error": str(error)})
        return 1
    _report({"port": listening.getsockname()[1]})
    Thread(target=_serve, args=(folder, listening), daemon=True).start()
    sys.stdin.buffer.read()
    return 0


def _report(outcome: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


def _serve(folder: SandboxFolder, listening: socket.socket) -> None:
    # The imports take most of the start; requests wait for them in the listener's queue, while the
    # parent goes on.
    from werkzeug.serving import make_server  # noqa: PLC0415 - see above

    from iot_dr.terraform.sandbox.front import Front  # noqa: PLC0415 - see above

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Front(folder, os.environ[ACCOUNT_VARIABLE], os.environ[KEY_VARIABLE])
    port = listening.getsockname()[1]
    server = make_server(HOST, port, application, threaded=True, fd=listening.fileno())
    server.serve_forever()


if __name__ == "__main__":
    # Not waiting for threads that still answer: what they acknowledged is on disk.
    os._exit(main())
