"""The command `iot-dr` as a user runs it: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_OURS = ("PRIMARY_REGION", "PROVIDER", "HANDOVER_REGION", "ENV", "BASE")
# Of `make test`, which would make another make below it tell its folder.
_MAKES = ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")


def plain_environment() -> dict[str, str]:
    """Give this process's variables without what this shell has set for the command."""
    other = {*_OURS, *_MAKES}
    plain = {name: value for name, value in os.environ.items() if name not in other}
    return {**plain, "PYTHONPATH": str(ROOT)}


def iot_dr(*arguments: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, at most 120 s."""
    return subprocess.run(
        [sys.executable, "-m", "iot_dr", *arguments],
        env={**plain_environment(), **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
