"""`iot-dr emit`: reusable Terraform modules."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.run_options import JsonOption


def emit(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    modules: Annotated[
        list[str] | None,
        typer.Argument(help="Names of modules; --list tells them.", metavar="[MODULE]..."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the modules, new or empty.", metavar="DIR")
    ] = Path("dist"),
    is_all: Annotated[bool, typer.Option("--all", help="Write every module.")] = False,
    lists: Annotated[bool, typer.Option("--list", help="Tell the modules that there are.")] = False,
    force: Annotated[
        bool,
        typer.Option(help="Replace what an earlier emission wrote into DIR; all else there stays."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write Terraform modules, made of what the stacks are made of, that need no Python.

    Each is complete: HCL, variables with the settings' rules, outputs, README, changelog, the
    functions' code and two examples. `platform`, which puts the others together for two regions, is
    the folder's root, and brings the rest along in `modules/`.

    Examples: iot-dr emit --all --out dist; iot-dr emit canary telemetry --out dist
    """
    from iot_dr.cli.emit_run import listed, run  # noqa: PLC0415 - help must not wait for it

    if lists:
        raise typer.Exit(listed(as_json=as_json))
    raise typer.Exit(run(modules or [], out, is_all=is_all, force=force, as_json=as_json))
