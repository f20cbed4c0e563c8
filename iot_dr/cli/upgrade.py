"""`iot-dr upgrade`: compares a project's generated files with what this version generates."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from environments.project import project_root
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import JsonOption
from iot_dr.cli.text import counted, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.project.upgrade import FileChange, Upgrade


def upgrade(
    write: Annotated[
        bool, typer.Option("--write", help="Write the files that the project has not edited.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how this version would generate the project's files; exit 3 if they differ.

    A file that only the project has edited does not differ. With --write, edited files stay as
    they are; exit 3 lists them once, to be edited by hand.

    Example: iot-dr upgrade --write
    """
    new = Upgrade.of(project_root())
    changes = new.changes()
    if write:
        new.write(changes)
    left = [change for change in changes if change.is_edited or not write]
    exit_status = ExitStatus.NOT_GOOD if left else 0
    if as_json:
        document = {
            "from": new.before.version,
            "to": new.after.version,
            "files": [_row(change, is_written=change not in left) for change in changes],
        }
        print_document("upgrade", document, exit_status)
    else:
        echo("\n".join(_report(new, changes, left)))
    raise typer.Exit(exit_status)


def _row(change: FileChange, *, is_written: bool) -> dict[str, object]:
    return {
        "path": change.path,
        "change": change.change,
        "edited": change.is_edited,
        "written": is_written,
        "diff": "\n".join(change.diff()),
    }


def _report(
    new: Upgrade, changes: Sequence[FileChange], left: Sequence[FileChange]
) -> Iterator[str]:
    for change in changes:
        if change in left:
            yield from ("\t".join(map(plain, line.split("\t"))) for line in change.diff())
        else:
            yield f"{change.change}: {change.path}"
    for change in left:
        if change.is_edited:
            yield f"{change.path}: edited since it was generated, so it is not written"
    versions = f"iot-dr {new.before.version} to {new.after.version}"
    if not changes:
        yield f"{versions}: no generated file changes"
    elif left:
        yield f"{versions}: {counted(len(left), 'file')} to change"
    else:
        yield f"{versions}: {counted(len(changes), 'file')} written"
