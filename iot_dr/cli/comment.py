"""`iot-dr comment`: publishes a review as a comment on its pull request."""

import os
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import find
from iot_dr.cli.options import EnvironmentOption, RepositoryOption, given_path
from iot_dr.cli.text import echo
from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import Access, GitHubError, GitHubUsageError, NoPermissionError
from iot_dr.review.github.api import Api, RetryPolicy
from iot_dr.review.github.pull_request import PullRequest
from iot_dr.review.github.review_comment import (
    MAX_LENGTH,
    PublishedComment,
    ReviewComment,
    add_to_summary,
    comment_body,
)


def comment(
    body: Annotated[
        Path,
        typer.Option(
            parser=given_path,
            help="The review in Markdown, as written by `iot-dr review`.",
            metavar="FILE",
        ),
    ],
    env: EnvironmentOption = "dev",
    repo: RepositoryOption = None,
    pr: Annotated[
        int | None,
        typer.Option(
            help="Default: the pull request of the workflow's event.", min=1, metavar="NUMBER"
        ),
    ] = None,
) -> None:
    """Post a review as the comment of its environment on a pull request.

    A later review replaces the comment. The token is read from GITHUB_TOKEN only. If it may not
    write, as for a pull request from a fork, the review is added to the job summary instead, and
    the exit status is still 0.

    Example: iot-dr comment --env dev --body review.md
    """
    find(env)
    text = _text(body, env)
    pull_request = PullRequest.from_options(repo, pr, os.environ)
    with Api(Access.from_environment(os.environ), RetryPolicy()) as api:
        review = ReviewComment(api, pull_request, env)
        try:
            echo(_result(env, review.publish(text)))
        except NoPermissionError as error:
            if not _is_in_summary(text, error):
                raise
            echo(f"{env}: no comment, {error}; the review is in the job summary instead")


def _is_in_summary(text: str, comment_error: NoPermissionError) -> bool:
    try:
        return add_to_summary(text, os.environ)
    except GitHubError as error:
        raise GitHubError(f"no comment, {comment_error}; and no summary, {error}") from None


def _text(file: Path, environment: str) -> str:
    """Return the review in a file.

    Raises GitHubUsageError if the file cannot be read, or is not UTF-8, empty or too long.
    """
    option, text = f"--body: {plain(str(file))}", _content(file)
    if not text.strip():
        raise GitHubUsageError(f"{option}: empty; write it with `iot-dr review --out DIR`")
    if (length := len(comment_body(environment, text))) > MAX_LENGTH:
        message = (
            f"{option}: too long: the comment would have {length:,} characters, and GitHub accepts"
            f" {MAX_LENGTH:,}; `iot-dr review --out DIR` writes a review.md that fits"
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
        message = f"--body: {plain(str(file))}: not UTF-8 text"
        raise GitHubUsageError(message) from None


def _result(environment: str, published: PublishedComment) -> str:
    action = "created" if published.is_new else "updated"
    removed = f"; {published.removed} older deleted" if published.removed else ""
    kept = (
        f"; {published.not_removed} older kept: no permission to delete"
        if published.not_removed
        else ""
    )
    url = f": {plain(published.url)}" if published.url else ""
    return f"{environment}: comment {action}{removed}{kept}{url}"
