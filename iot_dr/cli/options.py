"""Options that several commands have, and the paths and folders that they name."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError

JOBS: Final = min(os.cpu_count() or 2, 8)
TIMEOUT: Final = 3600.0


def given_path(text: str) -> Path:
    """Return the path of an option; raises BadParameter for an empty one.

    It comes of a variable that is not set, and would mean the working folder.
    """
    if not text:
        raise typer.BadParameter("it is empty; name a path, or . for the working folder")
    return Path(text)


# An empty ENV counts as not set, as it does for main.py.
EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--env",
        envvar="ENV",
        help="Name of a file in environments/.",
        metavar="NAME",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
ProviderOption = Annotated[
    str | None,
    typer.Option(
        help="standin (no account, no network) or aws; PROVIDER names it too. Default for dev:"
        " standin.",
        metavar="NAME",
    ),
]
JobsOption = Annotated[
    int, typer.Option(help="Stacks that run side by side.", min=1, max=32, metavar="N")
]
TimeoutOption = Annotated[
    float, typer.Option(help="Seconds that one Terraform command may take.", min=1)
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
YesToChangesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before real changes.")]
ConfirmOption = Annotated[
    str | None,
    typer.Option(help="The environment's name, given ahead of the question.", metavar="NAME"),
]
PlansDigestOption = Annotated[
    str | None,
    typer.Option(
        help="What `iot-dr pipeline variables` told as PLANS_SHA256: other plans are refused.",
        metavar="DIGEST",
    ),
]
RepositoryOption = Annotated[
    str | None, typer.Option(help="Default: GITHUB_REPOSITORY.", metavar="OWNER/NAME")
]
SeedOption = Annotated[
    int, typer.Option(help="The same seed draws the same phases and waits.", min=0, metavar="N")
]
RateOption = Annotated[
    float | None,
    typer.Option(
        help="Calls a second of each API in each region. Default: 80 % of AWS's default quota of"
        " each.",
        min=0.1,
        max=10_000,
        metavar="N",
    ),
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(
        help="File that keeps how far it came; the same command goes on from it.", metavar="FILE"
    ),
]

RegionArgument = Annotated[str, typer.Argument(help="Region of the environment.", metavar="REGION")]
StackArgument = Annotated[str, typer.Argument(help="Name of the stack, such as iot-dev-state.")]


def made_folder(folder: Path) -> None:
    """Make the folder of `--out`; raises UsageError when nothing can be written into it."""
    name = plain(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"--out {name}: is no folder; name another one") from None
    except OSError as error:
        raise UsageError(f"--out {name}: cannot be written: {error.strerror}") from None
