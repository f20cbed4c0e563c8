"""`iot-dr emit`: reusable Terraform modules."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from environments.regions import nearest
from iot_dr.bindings import warmed_up
from iot_dr.cli.options import JsonOption
from iot_dr.cli.text import columns, counted
from iot_dr.common.extra import require_packages
from iot_dr.common.user_error import UsageError

_PACKAGES: Final = ("msgpack",)
_MAIN: Final = "main.tf"


class UnknownModuleError(UsageError):
    """There is no module of this name, or none was named."""


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
    """Write Terraform modules in HCL, generated from the constructs of the stacks.

    Each is complete: HCL, variables with the settings' rules, outputs, README, changelog, the
    functions' code and two examples. `platform`, which puts the others together for two regions, is
    the folder's root, and brings the rest along in `modules/`.

    Examples: iot-dr emit --all --out dist; iot-dr emit canary telemetry --out dist
    """
    if lists:
        _list(as_json=as_json)
    else:
        _write(modules or [], out, is_all=is_all, force=force, as_json=as_json)


def _list(*, as_json: bool) -> None:
    from iot_dr.emit.catalogue import CATALOGUE  # noqa: PLC0415 - it loads the engine

    if as_json:
        told = [{"name": each.name, "purpose": each.purpose} for each in CATALOGUE.values()]
        typer.echo(json.dumps(told, indent=2))
        return
    rows = [("MODULE", "PROVIDERS", "WHAT IT IS")]
    rows += [
        (each.name, ", ".join(each.aliases or ("aws",)), each.title) for each in CATALOGUE.values()
    ]
    typer.echo(columns(rows))


def _write(names: Sequence[str], out: Path, *, is_all: bool, force: bool, as_json: bool) -> None:
    start = time.monotonic()
    require_packages("emit", _PACKAGES, "terraform")
    # The engine loads in another thread: an import of it meanwhile would get an empty module.
    warmed_up()
    from iot_dr.emit.catalogue import CATALOGUE  # noqa: PLC0415 - it loads the engine
    from iot_dr.emit.emission import emit, place  # noqa: PLC0415 - as above

    chosen = _chosen(names, tuple(CATALOGUE), is_all=is_all)
    if sys.stderr.isatty():
        typer.echo("Making modules of the constructs ...", err=True)
    before = {name for name in CATALOGUE if (out / place(name) / _MAIN).is_file()}
    rows = [
        _Row(
            name=each.blueprint.name,
            folder=str(out / place(each.blueprint.name)),
            variables=len(each.contract.variables),
            outputs=len(each.contract.outputs),
            resources=len(each.contract.resources),
            calls=sorted({call.module for call in each.calls.values()}),
        )
        for each in emit(chosen, out, force=force)
    ]
    seconds = time.monotonic() - start
    gone = [name for name in CATALOGUE if name in before - {row.name for row in rows}]
    typer.echo(_json(rows, out, gone, seconds) if as_json else _table(rows, seconds))
    if gone:
        typer.echo(f"Removed, as --force replaces an earlier emission: {', '.join(gone)}", err=True)


@dataclass(frozen=True, kw_only=True)
class _Row:
    name: str
    folder: str
    variables: int
    outputs: int
    resources: int
    calls: list[str]

    @property
    def held(self) -> str:
        return f"of {len(self.calls)} modules" if self.calls else str(self.resources)


def _json(rows: Sequence[_Row], out: Path, gone: Sequence[str], seconds: float) -> str:
    told = {
        "out": str(out),
        "seconds": round(seconds, 3),
        "modules": [asdict(row) for row in rows],
        "removed": gone,
    }
    return json.dumps(told, indent=2)


def _table(rows: Sequence[_Row], seconds: float) -> str:
    table = [("MODULE", "VARIABLES", "OUTPUTS", "RESOURCES", "FOLDER")]
    table += [
        (row.name, str(row.variables), str(row.outputs), row.held, row.folder) for row in rows
    ]
    return f"{columns(table)}\n\n{counted(len(rows), 'module')} in {seconds:.1f} s"


def _chosen(names: Sequence[str], known: Sequence[str], *, is_all: bool) -> Sequence[str]:
    if is_all == bool(names):
        both = ", not both" if is_all else ""
        message = f"name the modules to emit, or say --all{both}; there are {', '.join(known)}"
        raise UnknownModuleError(message)
    for name in names:
        if name not in known:
            hint = nearest(name, known) or f"there are {', '.join(known)}"
            raise UnknownModuleError(f"{name!r} is no module; {hint}")
    return known if is_all else names
