"""The executable that cdktf starts as Terraform, and control of its runs."""

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
        """Prevent new Terraform runs; return False if that was done before. Running ones go on."""
        try:
            self._running.unlink()
        except FileNotFoundError:
            return False
        return True

    def kill(self) -> None:
        """Kill each running Terraform, and the processes it started."""
        for note in self.program.parent.glob("[0-9]*"):
            signal_group(int(note.name), signal.SIGKILL)

    def wait(self) -> None:
        """Wait until no Terraform is running, even if its parent is gone."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)


@dataclass(frozen=True, slots=True)
class RunFile:
    """The output of one Terraform command on a stack; `status` is None until it has ended."""

    path: Path
    stack: str
    command: str
    status: int | None

    @property
    def was_killed(self) -> bool:
        """Whether an ended run was killed, or its launcher was."""
        return self.status in {None, _KILLED}

    @classmethod
    def all_in(cls, folder: Path) -> Iterator[Self]:
        """Yield the run files in a folder, in the order of their last write.

        A file that is renamed during the listing, because its command ends, is left out.
        """
        files: list[tuple[int, Path]] = []
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                files.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(files):
            stack, command, *status = path.name.split(".")
            yield cls(path, stack, command, int(status[0]) if status else None)


@contextmanager
def launcher(engine: Engine, runs: Path | None = None) -> Generator[Launcher]:
    """Yield a launcher for a `with` block, which ends when Terraform has ended.

    With a folder `runs`, the output of `init`, `apply` and `destroy` goes to a `RunFile` there; the
    executable itself prints a line when one of these commands starts and ends.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-terraform-") as name:
        running, program = Path(name, "running"), Path(name, "terraform")
        handle = os.open(running, os.O_CREAT | os.O_RDWR, 0o600)
        kept = runs.absolute() if runs else ""
        terraform = engine.library or engine.program
        command = [sys.executable, "-I", "-S", _SHIM, running, kept, terraform]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n', "utf-8")
        program.chmod(0o700)
        instance = Launcher(program, running, handle)
        try:
            yield instance
        finally:
            instance.wait()
            os.close(handle)
