"""`iot-dr comment`: a review, written onto its pull request."""

import os
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import find
from iot_dr.cli.options import EnvironmentOption, RepositoryOption, given_path
from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import Access, GitHubError, GitHubUsageError, NoPermissionError
from iot_dr.review.github.api import Api, Patience
from iot_dr.review.github.pull_request import PullRequest
from iot_dr.review.github.review_comment import (
    LONGEST,
    Published,
    ReviewComment,
    add_to_summary,
    commented,
)


def comment(
    body: Annotated[
        Path,
        typer.Option(
            parser=given_path,
            help="The review in Markdown, as `iot-dr review` writes it.",
            metavar="FILE",
        ),
    ],
    env: EnvironmentOption = "dev",
    repo: RepositoryOption = None,
    pr: Annotated[
        int | None,
        typer.Option(help="Default: that of the workflow's event.", min=1, metavar="NUMBER"),
    ] = None,
) -> None:
    """Post a review as the comment of its environment on a pull request.

    The next one takes its place. The token comes from GITHUB_TOKEN alone. Where it may not write,
    as for a pull request from a fork, the review goes to the job's summary, and the exit status
    is 0 all the same.

    Example: iot-dr comment --env dev --body review.md
    """
    find(env)
    text = _text(body, env)
    pull_request = PullRequest.meant(repo, pr, os.environ)
    with Api(Access.of_environment(os.environ), Patience()) as api:
        review = ReviewComment(api, pull_request, env)
        try:
            typer.echo(_told(env, review.publish(text)))
        except NoPermissionError as error:
            if not _is_in_summary(text, error):
                raise
            typer.echo(f"{env}: no comment, {error}; the review is in the job's summary instead")


def _is_in_summary(text: str, refusal: NoPermissionError) -> bool:
    try:
        return add_to_summary(text, os.environ)
    except GitHubError as error:
        raise GitHubError(f"no comment, {refusal}; and no summary, {error}") from None


def _text(file: Path, environment: str) -> str:
    """Read a review that GitHub takes; raises GitHubUsageError for any other."""
    told, text = f"--body: {plain(str(file))}", _content(file)
    if not text.strip():
        raise GitHubUsageError(f"{told}: is empty; write it with `iot-dr review --out DIR`")
    if (length := len(commented(environment, text))) > LONGEST:
        message = (
            f"{told}: makes a comment of {length:,} characters, and GitHub takes {LONGEST:,};"
            " review.md of `iot-dr review --out DIR` is cut to that"
        )
        raise GitHubUsageError(message)
    return text


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        message = f"--body: {plain(str(file))}: cannot be read: {error.strerror}"
        raise GitHubUsageError(message) from None
    except UnicodeDecodeError:
        message = f"--body: {plain(str(file))}: is no text in UTF-8"
        raise GitHubUsageError(message) from None


def _told(environment: str, published: Published) -> str:
    done = "written" if published.is_new else "brought up to date"
    removed = f"; {published.removed} older removed" if published.removed else ""
    left = f"; {published.left} older left, without permission to remove" if published.left else ""
    url = f": {plain(published.url)}" if published.url else ""
    return f"{environment}: comment {done}{removed}{left}{url}"
