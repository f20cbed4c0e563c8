"""The work of `iot-dr reviewed`."""

import os
import re
from typing import Final

import typer

from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import Access, GitHubUsageError
from iot_dr.review.github.api import Api, Patience
from iot_dr.review.github.pull_request import checked_repository
from iot_dr.review.github.reviewing_run import reviewing_run

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def run(commit: str, repository: str | None) -> None:
    """Print the run's id; says on stderr why where it prints none."""
    if not _COMMIT.fullmatch(commit):
        raise GitHubUsageError(f"--commit: {plain(commit)!r} is no commit's 40 hexadecimal digits")
    name = checked_repository(repository or os.environ.get("GITHUB_REPOSITORY", ""))
    with Api(Access.of_environment(), Patience()) as api:
        found = reviewing_run(api, name, commit)
    if found is None:
        typer.echo(f"{commit}: no review of a pull request; all counts as not shown", err=True)
        return
    typer.echo(found)
