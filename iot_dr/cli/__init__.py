"""The command line `iot-dr`: a file for each command or group of commands."""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from environments.errors import SettingsError
from iot_dr.cli.commands import app
from iot_dr.cli.text import QUIET, echo
from iot_dr.common.extra import missing_extra
from iot_dr.common.full_disk import error_line
from iot_dr.common.user_error import UserError
from iot_dr.terraform.diagnostic import TerraformError

_USAGE: Final = 2
_FAILED: Final = 1
_INTERRUPTED: Final = 130
_COMPLETE: Final = "_IOT_DR_COMPLETE"


def main() -> None:
    """Run the command line; it exits with the status of the command.

    Errors exit with 2 for invalid settings or arguments, 130 for Ctrl-C, 1 for errors of the system
    or of Terraform, and else with the error's own status.
    """
    try:
        # Options of the group would need classes that typer changes between its versions.
        if sys.argv[1:] == ["--version"]:
            sys.stdout.write(f"iot-dr {version('iot-dr')}\n")
            return
        if "--quiet" in sys.argv[1:]:
            sys.argv.remove("--quiet")
            os.environ[QUIET] = "1"
        if _COMPLETE in os.environ:
            from typer.completion import completion_init  # noqa: PLC0415 - slow, and rarely needed

            completion_init()
        app()
    except SettingsError as error:
        echo(str(error), err=True)
        sys.exit(_USAGE)
    except UserError as error:
        echo(str(error), err=True)
        sys.exit(error.status)
    except ModuleNotFoundError as error:
        missing = missing_extra(error)
        if missing is None:
            raise
        echo(str(missing), err=True)
        sys.exit(missing.status)
    except (OSError, TerraformError) as error:
        message = error_line(error) if isinstance(error, OSError) else str(error)
        echo(message, err=True)
        _drop_unwritten()
        sys.exit(_FAILED)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _drop_unwritten() -> None:
    """Discard output that stdout cannot take: Python would try again and print its own error."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
