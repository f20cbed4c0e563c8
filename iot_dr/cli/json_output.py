"""The document of `--json`, one shape for all commands (docs/reference/output.md, ADR 0040)."""

import json
from importlib.metadata import version
from typing import Any, Final, Protocol

from iot_dr.cli.text import echo
from iot_dr.common.renamed_keys import with_flat_result

SCHEMA: Final = 1
"""Version of the shape; it stays as long as readers need no change, and keys may be added."""

_printed: Final[list[str]] = []
"""The commands that have printed a document since `begin_output`."""


def begin_output() -> None:
    """Note that a command line begins, which has not printed a document yet."""
    _printed.clear()


def print_document(
    command: str,
    result: object,
    exit_status: int = 0,
    environment: str | None = None,
    indent: int | None = 2,
) -> None:
    """Print the result of a command, such as `drill run`, as the only output on stdout.

    `environment` is None if the command has none, or takes those of the files that it reads.
    """
    _print(_document(command, exit_status, environment) | {"result": result}, indent)


class Report(Protocol):
    """What a command reports, as JSON and as text."""

    def document(self) -> object:
        """Return what `json` encodes."""

    def text(self) -> str:
        """Return lines for people."""


def print_report(
    command: str,
    report: Report,
    exit_status: int = 0,
    environment: str | None = None,
    *,
    as_json: bool,
) -> None:
    """Print the report of a command as its JSON document or as text."""
    if as_json:
        print_document(command, report.document(), exit_status, environment)
    else:
        echo(report.text())


def print_error(command: str, message: str, exit_status: int) -> None:
    """Print why a command has no result, unless it has printed one."""
    if not _printed:
        _print(_document(command, exit_status, None) | {"error": {"message": message}}, 2)


def _document(command: str, exit_status: int, environment: str | None) -> dict[str, Any]:
    return {
        "iot_dr": version("iot-dr"),
        "schema": SCHEMA,
        "command": command,
        "environment": environment,
        "exit_status": exit_status,
        "error": None,
        "result": None,
    }


def _print(document: dict[str, Any], indent: int | None) -> None:
    _printed.append(document["command"])
    echo(json.dumps(with_flat_result(document), indent=indent))
