"""`iot-dr reviewed`: where the review is of the pull request that a commit came from."""

from typing import Annotated

import typer


def reviewed(
    commit: Annotated[
        str, typer.Option(help="A commit of the main branch.", envvar="GITHUB_SHA", metavar="SHA")
    ],
    repo: Annotated[
        str | None,
        typer.Option(help="Default: GITHUB_REPOSITORY.", metavar="OWNER/NAME"),
    ] = None,
) -> None:
    """Print the id of the workflow's run that reviewed the pull request behind a commit.

    Prints nothing where there is none: then nothing of it was shown to anybody. The token comes
    from GITHUB_TOKEN alone.

    Example: iot-dr reviewed --commit 0123456789abcdef0123456789abcdef01234567
    """
    from iot_dr.cli.reviewed_run import run  # noqa: PLC0415 - help must not wait for it

    run(commit, repo)
