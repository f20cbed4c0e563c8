"""The start of the command `iot-dr`."""

import sys

from iot_dr.bindings import warm_up


def main() -> None:
    """Run the command line; Node starts first where it will be needed, since it takes longest."""
    if sys.argv[1:2] == ["synth"] and "--help" not in sys.argv:
        warm_up()
    from iot_dr.cli import main as run  # noqa: PLC0415 - it loads while Node starts

    run()
