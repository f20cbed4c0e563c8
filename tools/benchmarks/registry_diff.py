"""Time and memory of `iot-dr registry diff` of two regions with so many things each."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, Final

from iot_dr.drill.play.account import variables
from tests.support.command import plain_environment
from tools.benchmarks.environment_files import project_in

_DIFFERING: Final = 20
_KIB_IN_MB: Final = 1024
_OUT_OF_STEP: Final = 3
_REGIONS: Final = ("eu-west-1", "eu-central-1")
# No quota limits a made-up region.
_COMMAND: Final = (
    *(str(Path(sys.executable).with_name("iot-dr")), "registry", "diff", *_REGIONS),
    *("--env", "full", "--rate", "10000", "--json"),
)


@dataclass(frozen=True)
class Compared:
    """The measurements of one run of the command: seconds, and its peak memory in MiB."""

    things: int
    seconds: float
    megabytes: float

    @property
    def rate(self) -> float:
        """The things of both regions read per second."""
        return 2 * self.things / self.seconds


class WrongAnswerError(Exception):
    """The command's result is wrong, so its time is meaningless."""


def compared(things: int) -> Compared:
    """Compare two regions with so many things and a shadow each; some things differ."""
    command = [
        sys.executable,
        "-m",
        "tools.benchmarks.registry_lists",
        str(things),
        str(_DIFFERING),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:  # noqa: S603 - our own program
        if server.stdin is None or server.stdout is None:
            raise RuntimeError(command)
        taken = _run(things, server.stdout.readline().decode().strip())
        server.stdin.close()
    sys.stderr.write(f"  diff of 2 x {things:,} things: {taken.seconds:.1f} s\n")
    return taken


def _run(things: int, endpoint: str) -> Compared:
    with TemporaryDirectory() as folder, TemporaryFile() as out, TemporaryFile() as errors:
        environ = {**plain_environment(), **variables(endpoint), **project_in(Path(folder))}
        start = time.perf_counter()
        process = subprocess.Popen(_COMMAND, cwd=folder, env=environ, stdout=out, stderr=errors)  # noqa: S603 - as above
        # Only of this process, as counted by the kernel.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, errors):
            file.seek(0)
        if process.returncode != _OUT_OF_STEP:
            end = errors.read().decode(errors="replace")[-500:]
            raise WrongAnswerError(f"exit status {process.returncode}: {end}")
        _refuse_wrong(things, out.read())
    return Compared(things, seconds, usage.ru_maxrss / _KIB_IN_MB)


def _refuse_wrong(things: int, data: bytes) -> None:
    kinds: dict[str, Any] = {each["kind"]: each for each in json.loads(data)["kinds"]}
    thing, shadow = kinds["thing"], kinds["shadow"]
    right = thing["different"] == _DIFFERING and thing["equal"] == things - _DIFFERING
    if not right or shadow["equal"] != 2 * things:
        raise WrongAnswerError(f"{thing}, {shadow}")
