"""The program that cdktf starts as Terraform, and the knowledge of which Terraform still runs."""

import fcntl
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from iot_dr.terraform.commands import signal_group
from iot_dr.terraform.engine import Engine

_KILLED = 128 + signal.SIGKILL
_SHIM = Path(__file__).parents[2] / "terraform" / "shim.py"


@dataclass(frozen=True, slots=True)
class Launcher:
    """An executable that runs Terraform, and the file on which each run holds a shared lock."""

    program: Path
    _running: Path
    _handle: int

    def stop(self) -> bool:
        """Let no further Terraform begin; tells whether one could have. What runs goes on."""
        try:
            self._running.unlink()
        except FileNotFoundError:
            return False
        return True

    def kill(self) -> None:
        """Kill each Terraform that runs, and what it started."""
        for note in self.program.parent.glob("[0-9]*"):
            signal_group(int(note.name), signal.SIGKILL)

    def wait(self) -> None:
        """Wait until no Terraform runs any more, whoever started it has gone or not."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)


@dataclass(frozen=True, slots=True)
class RunFile:
    """What one command of Terraform printed on a stack; `status` is None while it has not ended."""

    path: Path
    stack: str
    command: str
    status: int | None

    @property
    def was_killed(self) -> bool:
        """Whether a run that has ended was killed, or the launcher's program beside it."""
        return self.status in {None, _KILLED}

    @classmethod
    def all_in(cls, folder: Path) -> Iterator[Self]:
        """Read the names of the files that the launcher's program has written, the oldest first.

        One that is renamed meanwhile, as its command ends, is left out.
        """
        found: list[tuple[int, Path]] = []
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(found):
            stack, command, *status = path.name.split(".")
            yield cls(path, stack, command, int(status[0]) if status else None)


@contextmanager
def launcher(engine: Engine, runs: Path | None = None) -> Generator[Launcher]:
    """Make the executable for the length of a `with` block, which ends when Terraform has.

    With a folder `runs`, the output of commands that change a stack goes into a `RunFile` there;
    what the executable prints itself is a line as such a command begins and as it ends.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-terraform-") as name:
        running, program = Path(name, "running"), Path(name, "terraform")
        handle = os.open(running, os.O_CREAT | os.O_RDWR, 0o600)
        kept = runs.absolute() if runs else ""
        terraform = engine.library or engine.program
        command = [sys.executable, "-I", "-S", _SHIM, running, kept, terraform]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n', "utf-8")
        program.chmod(0o700)
        made = Launcher(program, running, handle)
        try:
            yield made
        finally:
            made.wait()
            os.close(handle)
