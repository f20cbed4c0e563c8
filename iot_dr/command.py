"""The start of the command `iot-dr`."""

import gc
import sys

from iot_dr.bindings import warm_up

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Node starts first where it will be needed, since it takes longest."""
    try:
        if sys.argv[1:2] == ["synth"] and "--help" not in sys.argv:
            # What synthesis makes lives to its end: the search for cycles finds nothing, in 60 ms.
            gc.disable()
            warm_up()
        from iot_dr.cli import main as run  # noqa: PLC0415 - it loads while Node starts
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()
