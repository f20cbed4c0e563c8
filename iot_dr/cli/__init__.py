"""The command line `iot-dr`: a file for each command or group of commands."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final, NoReturn

from environments.errors import SettingsError
from iot_dr.cli.commands import app, command_name
from iot_dr.cli.json_output import begin_output, print_error
from iot_dr.cli.text import QUIET, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.extra import missing_extra
from iot_dr.common.full_disk import error_line
from iot_dr.common.user_error import UserError
from iot_dr.terraform.diagnostic import TerraformError
from stacks.own_code import EndlessThreadError

_COMPLETE: Final = "_IOT_DR_COMPLETE"
_JSON: Final = "--json"
_NO_RESULT: Final = "no result; standard error has the reason"


def main(*, synthesizes: bool = False) -> None:
    """Run the command line; it exits with the status of the command.

    Errors exit with 2 for invalid settings or arguments, 130 for Ctrl-C, 1 for errors of the system
    or of Terraform, and else with the error's own status. With --json, a command line that has no
    result prints a document with the error.
    """
    begin_output()
    try:
        _run()
    except EndlessThreadError as error:
        _fail(str(error), ExitStatus.MISTAKE, os._exit)
    except SettingsError as error:
        _fail(str(error), ExitStatus.MISTAKE)
    except UserError as error:
        _fail(str(error), error.status)
    except ModuleNotFoundError as error:
        missing = missing_extra(error, synthesizes=synthesizes)
        if missing is None:
            raise
        _fail(str(missing), missing.status)
    except (OSError, TerraformError) as error:
        _fail(error_line(error) if isinstance(error, OSError) else str(error), ExitStatus.FAILED)
    except KeyboardInterrupt:
        _fail("", ExitStatus.INTERRUPTED)
    except SystemExit as ended:
        # typer has printed the mistake, and exits in the handler of its exception.
        if ended.code:
            explained = getattr(ended.__context__, "format_message", lambda: _NO_RESULT)
            _print_error(
                explained(), ExitStatus.FAILED if isinstance(ended.code, str) else ended.code
            )
        raise


def _run() -> None:
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


def _fail(message: str, status: int, leave: Callable[[int], NoReturn] = sys.exit) -> NoReturn:
    """Print why the command ends, and exit; `sys.exit` waits for threads, `os._exit` does not."""
    # As Python does for an exception that it prints: whatever else fails at exit is not printed.
    sys.last_type = SystemExit
    if message:
        echo(message, err=True)
    # The error may be that stdout is full.
    with suppress(OSError):
        _print_error(message or "interrupted", status)
    _drop_unwritten()
    leave(status)


def _print_error(message: str, status: int) -> None:
    if _JSON in sys.argv[1:]:
        print_error(command_name(sys.argv[1:]), message, status)


def _drop_unwritten() -> None:
    """Discard output that stdout cannot take: Python would try again and print its own error."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
