"""The work of `iot-dr comment`."""

import os
from dataclasses import dataclass
from pathlib import Path

import typer

from environments.loader import find
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


@dataclass(frozen=True, kw_only=True)
class CommentOptions:
    """The options of the command line."""

    environment: str
    body: Path
    repository: str | None
    number: int | None


def run(options: CommentOptions) -> None:
    """Write the comment, or else the job's summary, and print which of them."""
    find(options.environment)
    text = _text(options.body, options.environment)
    pull_request = PullRequest.meant(options.repository, options.number, os.environ)
    with Api(Access.of_environment(), Patience()) as api:
        comment = ReviewComment(api, pull_request, options.environment)
        try:
            typer.echo(_told(options.environment, comment.publish(text)))
        except NoPermissionError as error:
            if not _is_in_summary(text, error):
                raise
            typer.echo(
                f"{options.environment}: no comment, {error};"
                " the review is in the job's summary instead"
            )


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
