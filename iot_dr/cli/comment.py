"""`iot-dr comment`: publishes a review as a comment on its pull request."""

import os
import re
from pathlib import Path
from typing import Annotated, Final

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
from iot_dr.review.render.markdown_text import fence

_NAME: Final = re.compile(r"[\w ./-]{1,80}", re.ASCII)
_CUT: Final = MAX_LENGTH // 4


def comment(
    body: Annotated[
        Path,
        typer.Option(
            parser=given_path,
            help="The review in Markdown, as written by `iot-dr review`; with --name plain text.",
            metavar="FILE",
        ),
    ],
    env: EnvironmentOption = "dev",
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the comment, instead of --env, for the plain text that `iot-dr check`"
            " prints.",
            metavar="NAME",
        ),
    ] = None,
    repo: RepositoryOption = None,
    pr: Annotated[
        int | None,
        typer.Option(
            help="Default: the pull request of the workflow's event.", min=1, metavar="NUMBER"
        ),
    ] = None,
) -> None:
    """Post a review, or what a check prints, as a comment on a pull request.

    A later one of the same environment or name replaces the comment. The token is read from
    GITHUB_TOKEN only. If it may not write, as for a pull request from a fork, the text is added to
    the job summary instead, and the exit status is still 0.

    Example: iot-dr comment --env dev --body review.md
    """
    if name is None:
        find(env)
        text = _text(body, env)
    else:
        # No environment has a space in its name.
        env = f"check {_name(name)}"
        text = _checked_text(env, body)
    pull_request = PullRequest.from_options(repo, pr, os.environ)
    with Api(Access.from_environment(os.environ), RetryPolicy()) as api:
        review = ReviewComment(api, pull_request, env)
        try:
            echo(_result(env, review.publish(text)))
        except NoPermissionError as error:
            if not _is_in_summary(text, error):
                raise
            echo(f"{env}: no comment, {error}; the review is in the job summary instead")


def _name(text: str) -> str:
    """Return a name that can be in a comment of HTML; raises GitHubUsageError for another."""
    if not _NAME.fullmatch(text) or "--" in text:
        message = f"--name {plain(text)}: must be up to 80 letters, digits, spaces and . _ / -"
        raise GitHubUsageError(message)
    return text


def _checked_text(title: str, file: Path) -> str:
    """Return what a check printed as code, cut so that even a fence as long as it fits."""
    text, rest = (content := _content(file))[:_CUT], len(content) - _CUT
    cut = f"\n{rest:,} more characters are in the log.\n" if rest > 0 else ""
    return f"**iot-dr {title}**\n\n{fence(text.splitlines(), 'text')}{cut}"


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
