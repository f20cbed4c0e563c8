"""The command `iot-dr` as a user runs it."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

import pytest

from environments.project import ROOT_VARIABLE
from iot_dr.cli import main
from iot_dr.cli.text import QUIET

ROOT = Path(__file__).parents[2]

OURS = (
    *(ROOT_VARIABLE, "PRIMARY_REGION", "PROVIDER", "HANDOVER_REGION", "ENV", "BASE", "CONFIRM"),
    *("COLUMNS", QUIET),
)
"""Variables that only this project's code reads."""
# Of `make test`, which would make another make below it print its folder.
_MAKES = ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")


def plain_environment(cwd: Path = ROOT) -> dict[str, str]:
    """Return this process's variables without those that this shell has set for the command.

    In a folder outside any project they point to this one.
    """
    other = {*OURS, *_MAKES}
    plain = {name: value for name, value in os.environ.items() if name not in other}
    return {**plain, **_led(cwd), "PYTHONPATH": str(ROOT)}


def iot_dr(
    *arguments: str, cwd: Path = ROOT, program: str = "iot_dr", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in a process of its own, at most ten minutes."""
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        env={**plain_environment(cwd), **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def iot_dr_here(
    *arguments: str,
    cwd: Path = ROOT,
    typed: str | TextIO = "",
    together: object = False,  # a flag; for the type check, any key of `**env` may be it
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in this process, whose modules are already loaded.

    Its standard input is a file with the text `typed`, or that stream; `together` redirects
    standard error to standard output.

    Not for behaviour at the start or end of a process: signals, streams, variables of Python or
    Node. A traceback becomes an exception here.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in os.environ.keys() - plain_environment(cwd).keys():
            patch.delenv(name)
        # Set, so that `--quiet`, which sets it for this process, ends with the command.
        for name, value in {QUIET: "", **env}.items():
            patch.setenv(name, value)
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["iot-dr", *arguments])
        streams: dict[str, TextIO] = {
            name: stack.enter_context(TemporaryFile("w+", encoding="utf-8"))
            for name in ("stdin", "stdout", "stderr")
        }
        if isinstance(typed, str):
            streams["stdin"].write(typed)
            streams["stdin"].seek(0)
        else:
            streams["stdin"] = typed
        if together:
            streams["stderr"] = streams["stdout"]
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        status = _status()
        printed = [_written(streams[name]) for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(["iot-dr", *arguments], status, *printed)


def _led(cwd: Path) -> dict[str, str]:
    """Return the variable that points to this project, unless the folder is in a project itself."""
    folders = (cwd.absolute(), *cwd.absolute().parents)
    is_in_one = any((each / "cdktf.json").is_file() for each in folders)
    return {} if is_in_one else {ROOT_VARIABLE: str(ROOT)}


def _status() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _written(stream: TextIO) -> str:
    stream.seek(0)
    return stream.read()
