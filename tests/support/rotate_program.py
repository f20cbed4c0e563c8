"""The command `iot-dr` with loopback in the place of public DNS and TLS, and time that flies.

The first argument is JSON: `resolvers` (ports), `authority_port`, `tls_port` and `roots` (a file).
"""

import json
import ssl
import sys
from dataclasses import replace

from iot_dr.cli import main, rotate_run
from iot_dr.rotate.site import Waits
from iot_dr.status.network import Network, Resolver

_run = rotate_run.run


class Clock:
    """A clock that only a pause moves."""

    now = 0.0

    def pause(self, seconds: float) -> None:
        """Let time pass at once."""
        self.now += seconds


def _network(told: str) -> Network:
    given = json.loads(told)
    return Network(
        resolvers=tuple(Resolver("127.0.0.1", port) for port in given["resolvers"]),
        authority_port=given["authority_port"],
        tls_port=given["tls_port"],
        trust=ssl.create_default_context(cafile=given["roots"]),
    )


if __name__ == "__main__":
    network, clock = _network(sys.argv.pop(1)), Clock()
    waits = replace(Waits(), clock=lambda: clock.now, pause=clock.pause, interval=60.0)
    rotate_run.run = lambda wish: _run(wish, network, waits)
    main()
