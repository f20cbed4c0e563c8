"""`iot-dr reviewed`: finds the workflow run that reviewed a commit's pull request."""

import os
import re
from typing import Annotated, Final

import typer

from iot_dr.cli.options import RepositoryOption
from iot_dr.cli.text import echo
from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import Access, GitHubUsageError
from iot_dr.review.github.api import Api, RetryPolicy
from iot_dr.review.github.pull_request import checked_repository
from iot_dr.review.github.review_run import review_run

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def reviewed(
    commit: Annotated[
        str, typer.Option(help="A commit of the main branch.", envvar="GITHUB_SHA", metavar="SHA")
    ],
    repo: RepositoryOption = None,
) -> None:
    """Print the id of the workflow run that reviewed a commit's pull request.

    Prints nothing on stdout if there is none: then nobody has reviewed its changes. The token is
    read from GITHUB_TOKEN only.

    Example: iot-dr reviewed --commit 0123456789abcdef0123456789abcdef01234567
    """
    if not _COMMIT.fullmatch(commit):
        raise GitHubUsageError(f"--commit: must be 40 hexadecimal digits, not {plain(commit)!r}")
    name = checked_repository(repo or os.environ.get("GITHUB_REPOSITORY", ""))
    with Api(Access.from_environment(os.environ), RetryPolicy()) as api:
        run_id = review_run(api, name, commit)
    if run_id is None:
        echo(f"{commit}: no reviewed pull request; all changes count as unreviewed", err=True)
        return
    echo(str(run_id))
