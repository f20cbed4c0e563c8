"""The program that cdktf starts as Terraform, and the knowledge of which Terraform still runs."""

import fcntl
import os
import shlex
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iot_dr.terraform.engine import Engine

_SHIM = Path(__file__).parents[1] / "terraform" / "shim.py"


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

    def wait(self) -> None:
        """Wait until no Terraform runs any more, whoever started it has gone or not."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)


@contextmanager
def launcher(engine: Engine) -> Generator[Launcher]:
    """Make the executable for the length of a `with` block, which ends when Terraform has."""
    with tempfile.TemporaryDirectory(prefix="iot-dr-terraform-") as name:
        running, program = Path(name, "running"), Path(name, "terraform")
        handle = os.open(running, os.O_CREAT | os.O_RDWR, 0o600)
        command = [sys.executable, "-I", "-S", _SHIM, running, engine.library or engine.program]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n', "utf-8")
        program.chmod(0o700)
        made = Launcher(program, running, handle)
        try:
            yield made
        finally:
            made.wait()
            os.close(handle)
