"""The version of iot-dr that synthesizes a base commit: the one that generated its project.

With the installed version, the plan of an upgrade would show none of the upgrade's changes.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from environments.project import generated_version
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError

PROGRAM_VARIABLE: Final = "IOT_DR_BASE_PROGRAM"
"""The environment variable that names an installed `iot-dr` of the base's version."""


class BaseVersionError(UsageError):
    """The base's version of iot-dr is not installed, and cannot be."""


def base_command(ref: str, code: Path, folder: Path) -> Sequence[str | Path]:
    """Return the command `iot-dr` for the project in `code`, the files of the commit `ref`.

    Another version than this one is installed into `folder`, as the project's Makefile does, unless
    `IOT_DR_BASE_PROGRAM` names it. Raises BaseVersionError if there is no such version, and
    SettingsError if the record of the version is broken.
    """
    needed = generated_version(code)
    if needed is None and (code / "iot_dr").is_dir():
        # A clone of iot-dr, whose own code synthesizes it: the caller runs this in `code`.
        return [sys.executable, "-m", "iot_dr"]
    if needed is None or needed == version("iot-dr"):
        return [sys.executable, "-P", "-m", "iot_dr"]
    program = os.environ.get(PROGRAM_VARIABLE)
    if program:
        printed = _run([program, "--version"], PROGRAM_VARIABLE)
        if printed.strip() != f"iot-dr {needed}":
            message = f"is {plain(printed.strip())}; --base {ref} needs iot-dr {plain(needed)}"
            raise BaseVersionError(f"{PROGRAM_VARIABLE}: {message}")
        return [program]
    what = f"--base {ref}: iot-dr {plain(needed)}"
    sys.stderr.write(f"{what} generated it, and is installed in a temporary folder ...\n")
    sys.stderr.flush()
    venv = folder / "base-venv"
    pip = [venv / "bin" / "python", "-I", "-m", "pip", "install", "--quiet", "--no-deps"]
    pip.append("--require-hashes")
    failed = f"{what} cannot be installed; set {PROGRAM_VARIABLE} to an installed one"
    _run([sys.executable, "-I", "-m", "venv", venv], failed)
    _run([*pip, "-r", code / "requirements.lock"], failed)
    _run([*pip, "-r", code / "requirements.txt"], failed)
    return [venv / "bin" / "iot-dr"]


def _run(command: Sequence[str | Path], failed: str) -> str:
    """Return the output of a command; raises BaseVersionError, with its last line, if it fails."""
    # Python would import from the base's own folders, pip's included.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        ran = subprocess.run(  # noqa: S603 - see above
            command, env=environment, capture_output=True, text=True, check=True
        )
    except OSError as error:
        raise BaseVersionError(f"{failed}: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        lines = str(error.stderr).strip().splitlines() or ["no message"]
        raise BaseVersionError(f"{failed}: {plain(lines[-1])}") from None
    return ran.stdout
