"""`iot-dr emit`: reusable Terraform modules."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from environments.regions import nearest
from iot_dr.bindings import warmed_up
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import JsonOption
from iot_dr.cli.text import columns, counted, echo, table
from iot_dr.common.extra import require_packages
from iot_dr.common.user_error import UsageError

_PACKAGES: Final = ("constructs", "msgpack")
_MAIN: Final = "main.tf"


class UnknownModuleError(UsageError):
    """A module's name is unknown or missing."""


def emit(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    modules: Annotated[
        list[str] | None,
        typer.Argument(help="Names of modules; see --list.", metavar="[MODULE]..."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the modules, new or empty.", metavar="DIR")
    ] = Path("dist"),
    is_all: Annotated[bool, typer.Option("--all", help="Write every module.")] = False,
    lists: Annotated[bool, typer.Option("--list", help="List all modules.")] = False,
    force: Annotated[
        bool,
        typer.Option(help="Replace the files of an earlier emission in DIR; keep others."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write Terraform modules in HCL, generated from the constructs of the stacks.

    Each is complete: HCL, variables with the settings' rules, outputs, README, changelog, tests,
    Lambda code and two examples. `platform`, which combines the others for two regions, is the
    folder's root module and includes them in `modules/`.

    Examples: iot-dr emit --all --out dist; iot-dr emit canary telemetry --out dist
    """
    if lists:
        _list(as_json=as_json)
    else:
        _write(modules or [], out, is_all=is_all, force=force, as_json=as_json)


def _list(*, as_json: bool) -> None:
    from iot_dr.emit.catalogue import CATALOGUE  # noqa: PLC0415 - it loads the engine

    if as_json:
        modules = [{"name": each.name, "purpose": each.purpose} for each in CATALOGUE.values()]
        print_document("emit", modules)
        return
    rows = [("MODULE", "PROVIDERS", "TITLE")]
    rows += [
        (blueprint.name, ", ".join(blueprint.aliases or ("aws",)), blueprint.title)
        for blueprint in CATALOGUE.values()
    ]
    echo(table(rows))


def _write(names: Sequence[str], out: Path, *, is_all: bool, force: bool, as_json: bool) -> None:
    start = time.monotonic()
    require_packages("emit", _PACKAGES, "synth", "terraform")
    # The engine loads in another thread; an import before it is done would get an empty module.
    warmed_up()
    from iot_dr.emit.catalogue import CATALOGUE  # noqa: PLC0415 - it loads the engine
    from iot_dr.emit.emission import emit  # noqa: PLC0415 - as above
    from iot_dr.emit.pages import module_path  # noqa: PLC0415 - as above

    chosen = _chosen(names, tuple(CATALOGUE), is_all=is_all)
    if sys.stderr.isatty():
        echo("Synthesizing modules ...", err=True)
    before = {name for name in CATALOGUE if (out / module_path(name) / _MAIN).is_file()}
    rows = [
        _Row(
            name=module.blueprint.name,
            folder=str(out / module_path(module.blueprint.name)),
            variables=len(module.contract.variables),
            outputs=len(module.contract.outputs),
            resources=len(module.contract.resources),
            calls=sorted({call.module for call in module.calls.values()}),
        )
        for module in emit(chosen, out, force=force)
    ]
    seconds = time.monotonic() - start
    gone = [name for name in CATALOGUE if name in before - {row.name for row in rows}]
    if as_json:
        print_document("emit", _document(rows, out, gone, seconds))
    else:
        echo(_table(rows, seconds))
    if gone:
        echo(f"Removed modules of the earlier emission: {', '.join(gone)}", err=True)


@dataclass(frozen=True, kw_only=True)
class _Row:
    name: str
    folder: str
    variables: int
    outputs: int
    resources: int
    calls: list[str]

    @property
    def resource_text(self) -> str:
        return f"of {len(self.calls)} modules" if self.calls else str(self.resources)


def _document(
    rows: Sequence[_Row], out: Path, gone: Sequence[str], seconds: float
) -> dict[str, Any]:
    return {
        "out": str(out),
        "seconds": round(seconds, 3),
        "modules": [asdict(row) for row in rows],
        "removed": gone,
    }


def _table(rows: Sequence[_Row], seconds: float) -> str:
    table = [("MODULE", "VARIABLES", "OUTPUTS", "RESOURCES", "FOLDER")]
    table += [
        (row.name, str(row.variables), str(row.outputs), row.resource_text, row.folder)
        for row in rows
    ]
    return f"{columns(table)}\n\n{counted(len(rows), 'module')} in {seconds:.1f} s"


def _chosen(names: Sequence[str], available: Sequence[str], *, is_all: bool) -> Sequence[str]:
    if is_all == bool(names):
        both = ", not both" if is_all else ""
        message = f"expected names of modules or --all{both}; modules: {', '.join(available)}"
        raise UnknownModuleError(message)
    for name in names:
        if name not in available:
            hint = nearest(name, available) or f"expected one of {', '.join(available)}"
            raise UnknownModuleError(f"{name!r} is not a module; {hint}")
    return available if is_all else names
