"""The option `--sarif`, and its file."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from iot_dr.cli.options import given_path
from iot_dr.common.full_disk import reason
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file

SarifOption = Annotated[
    Path | None,
    typer.Option(
        "--sarif",
        parser=given_path,
        help="Write the findings to this file too, as SARIF 2.1.0 for code scanning.",
        metavar="FILE",
    ),
]


def write_sarif(file: Path, log: dict[str, Any]) -> None:
    """Write a log atomically; raises UserError if the file cannot be written."""
    try:
        # A symbolic link stays one, as behind a shell's `>`.
        with whole_file(Path(os.path.realpath(file))) as draft:
            draft.write(f"{json.dumps(log, indent=2)}\n".encode())
    except OSError as error:
        message = f"--sarif {plain(str(file))}: cannot be written: {reason(error)}"
        raise UserError(message) from None
