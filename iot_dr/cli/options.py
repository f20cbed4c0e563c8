"""Options that several commands share, and checks of their paths."""

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
    """Return the path of an option; raises BadParameter if it is empty.

    An unset shell variable gives an empty path, which would be the working folder.
    """
    if not text:
        raise typer.BadParameter("must not be empty; expected a path, or . for the working folder")
    return Path(text)


DEFAULT_ENVIRONMENT: Final = "dev"
"""The environment of a command without `--env`."""

# An empty ENV counts as not set, as it does for main.py.
EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--env",
        envvar="ENV",
        help="Environment: the name of its file in environments/, without .yaml.",
        metavar="NAME",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ProviderOption = Annotated[
    str | None,
    typer.Option(
        help="standin (no account, no network) or aws. Default: PROVIDER, or standin for dev.",
        metavar="NAME",
    ),
]
JobsOption = Annotated[
    int, typer.Option(help="Number of stacks to run in parallel.", min=1, max=32, metavar="N")
]
TimeoutOption = Annotated[
    float, typer.Option(help="Timeout of each Terraform or OpenTofu command, in seconds.", min=1)
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]
YesToChangesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask for confirmation before changes on AWS.")
]
ConfirmOption = Annotated[
    str | None,
    typer.Option(
        help="Confirm with the environment's name instead of at the prompt.", metavar="NAME"
    ),
]
WithoutDataOption = Annotated[
    bool,
    typer.Option("--without-data", help="Leave out the block data: a standby knows no devices."),
]
WITHOUT_DATA: Final = (
    "Without the block data a standby refuses devices unless something of yours registers each in"
    " every region: then add devices-unknown-in-standby to suppressions, with that reason."
)
"""What `--without-data` means for the user."""

UnservedOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Region that may become the primary on AWS although it serves no devices; repeatable.",
        metavar="REGION",
    ),
]
PlansDigestOption = Annotated[
    str | None,
    typer.Option(
        help="PLANS_SHA256 of `iot-dr pipeline variables`: other plans are refused.",
        metavar="DIGEST",
    ),
]
RepositoryOption = Annotated[
    str | None,
    typer.Option(help="Repository on GitHub. Default: GITHUB_REPOSITORY.", metavar="OWNER/NAME"),
]
SeedOption = Annotated[
    int,
    typer.Option(
        help="Seed of random phases and waits; the same seed repeats them.", min=0, metavar="N"
    ),
]
RateOption = Annotated[
    float | None,
    typer.Option(
        help="Requests a second to each API in each region. Default: 80 % of AWS's default quota.",
        min=0.1,
        max=10_000,
        metavar="N",
    ),
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(
        help="File that records progress; the same command resumes from it.", metavar="FILE"
    ),
]

RegionArgument = Annotated[str, typer.Argument(help="Region of the environment.", metavar="REGION")]
StackArgument = Annotated[str, typer.Argument(help="Name of the stack, such as iot-dev-state.")]


def make_out_folder(folder: Path) -> None:
    """Create the folder of `--out`, unless it exists; raises UsageError if it is not writable."""
    name = plain(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError):
        raise UsageError(
            f"--out {name}: is not a folder; expected a folder or a new path"
        ) from None
    except OSError as error:
        raise UsageError(f"--out {name}: cannot be written: {error.strerror}") from None
