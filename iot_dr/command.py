"""The start of the command `iot-dr`."""

import gc
import sys

from iot_dr.bindings import is_stock, warm_up
from iot_dr.signals import end_by_signals

_INTERRUPTED = 130
_SYNTHESIZING = (
    *(["apply"], ["plan"], ["review"], ["role", "plan"]),
    *(["sandbox", "up"], ["synth"], ["validate"]),
)


def main() -> None:
    """Run the command line; Node starts first where it will be needed, since it takes longest."""
    words = sys.argv[1:]
    end_by_signals()
    try:
        synthesizes = any(words[: len(each)] == each for each in _SYNTHESIZING)
        if synthesizes and not {"--help", "--plans"} & {*words} and not is_stock():
            warm_up()
            if words[:1] == ["synth"]:
                # What synthesis makes lives to its end: a search for cycles finds none, in 60 ms.
                gc.disable()
        from iot_dr.cli import main as run  # noqa: PLC0415 - it loads while Node starts
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()
