"""Checks of the whole project, in processes that run in parallel with the tests."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.made_once import made_once, shared_folder, sharing

COMMANDS: Final = {
    "style": ["make", "--no-print-directory", "style"],
    "types": [sys.executable, "-m", "pyrefly", "check"],
}
_ROOT: Final = Path(__file__).parents[2]


def findings(name: str) -> str:
    """Return the output of a check that fails, else an empty string; it runs once for all tests."""
    return made_once(f"check {name}", lambda: _run(COMMANDS[name]))


@contextmanager
def started_early() -> Generator[None]:
    """Start the checks, so that `findings` has less to wait for."""
    command = [sys.executable, "-m", "tests.support.checks", str(shared_folder())]
    with subprocess.Popen(command, cwd=_ROOT):
        yield


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}exit status {done.returncode}" if done.returncode else ""


if __name__ == "__main__":
    with sharing(Path(sys.argv[1])):
        for check in COMMANDS:
            findings(check)
