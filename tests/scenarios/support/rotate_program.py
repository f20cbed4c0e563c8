"""The command `iot-dr` with loopback instead of public DNS and TLS, and with simulated time.

The first argument is the network, as `loopback.written` writes it.
"""

import sys
from dataclasses import replace

from iot_dr.cli import app
from iot_dr.cli.rotate import RotateOptions, run
from iot_dr.operate.rotate.rotation_target import RotationTimeouts
from tests.support import loopback


class Clock:
    """A clock that only a pause advances."""

    now = 0.0

    def pause(self, seconds: float) -> None:
        """Advance the time at once."""
        self.now += seconds


if __name__ == "__main__":
    network, clock = loopback.network(sys.argv.pop(1)), Clock()
    waits = replace(RotationTimeouts(), clock=lambda: clock.now, pause=clock.pause, interval=60.0)
    given = app.commands["rotate"].make_context("rotate", sys.argv[2:]).params
    wish = RotateOptions(environment=given.pop("env"), **given)
    sys.exit(run(wish, replace(wish.target(), network=network, waits=waits)))
