"""`iot-dr reviewed`: where the review is of the pull request that a commit came from."""

import os
import re
from typing import Annotated, Final

import typer

from iot_dr.cli.options import RepositoryOption
from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import Access, GitHubUsageError
from iot_dr.review.github.api import Api, Patience
from iot_dr.review.github.pull_request import checked_repository
from iot_dr.review.github.reviewing_run import reviewing_run

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def reviewed(
    commit: Annotated[
        str, typer.Option(help="A commit of the main branch.", envvar="GITHUB_SHA", metavar="SHA")
    ],
    repo: RepositoryOption = None,
) -> None:
    """Print the id of the workflow run that reviewed a commit's pull request.

    Prints nothing where there is none: then nothing of it was shown to anybody. The token comes
    from GITHUB_TOKEN alone.

    Example: iot-dr reviewed --commit 0123456789abcdef0123456789abcdef01234567
    """
    if not _COMMIT.fullmatch(commit):
        raise GitHubUsageError(f"--commit: {plain(commit)!r} is no commit's 40 hexadecimal digits")
    name = checked_repository(repo or os.environ.get("GITHUB_REPOSITORY", ""))
    with Api(Access.of_environment(os.environ), Patience()) as api:
        found = reviewing_run(api, name, commit)
    if found is None:
        typer.echo(f"{commit}: no review of a pull request; all counts as not shown", err=True)
        return
    typer.echo(found)
