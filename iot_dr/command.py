"""The start of the command `iot-dr`."""

import gc
import os
import runpy
import sys
from io import TextIOWrapper
from pathlib import Path

from iot_dr.bindings import install, is_stock, warm_up
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.run_folder import use_own_folder
from iot_dr.common.signals import end_by_signals

_SYNTHESIZING = (
    *(["apply"], ["doctor"], ["emit"], ["plan"], ["review"]),
    *(["sandbox", "up"], ["synth"], ["validate"]),
)
_ENDING = (["check"], ["prove"], ["review"], ["synth"])


def main() -> None:
    """Run the command line; Node starts first where it will be needed, since it takes longest."""
    words = sys.argv[1:]
    if words == ["app"] and Path("main.py").is_file():
        # cdktf.json names it: where iot-dr is a tool of the path, no `python` there has the engine.
        sys.path.insert(0, str(Path.cwd()))
        # Import sorters put cdktf before iot_dr.
        install()
        runpy.run_path("main.py", run_name="__main__")
        return
    end_by_signals()
    open_streams()
    try:
        use_own_folder()
        if words[:1] in _ENDING:
            # What these make lives to their end: a search for cycles finds none, and takes a tenth.
            gc.disable()
        synthesizes = any(words[: len(each)] == each for each in _SYNTHESIZING)
        if synthesizes and not {"--help", "--list", "--plans"} & {*words} and not is_stock():
            warm_up()
        from iot_dr.cli import main as run  # noqa: PLC0415 - it loads while Node starts
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)
    run(synthesizes=synthesizes)


def open_streams() -> None:
    """Open standard streams that were closed, and let none fail for what it cannot encode."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # Of stdin nothing can be read then, as of a closed one. All three take the numbers 0
            # to 2, which else the next files would have, for other programs to write into.
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
