"""The comment on a pull request with the review of an environment."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import (
    GitHubError,
    NoPermissionError,
    NotFoundError,
    OutcomeUnknownError,
)
from iot_dr.review.github.api import Api, decode
from iot_dr.review.github.pull_request import PullRequest

# The author of comments made with a workflow's GITHUB_TOKEN; no user name can have brackets.
_WORKFLOWS_LOGIN: Final = "github-actions[bot]"
MAX_LENGTH: Final = 65_536
"""The most characters in a comment; GitHub answers 422 to a longer one."""
_VIEWER_QUERY: Final = "query { viewer { login } }"


class _Author(msgspec.Struct):
    login: str


class _Viewer(msgspec.Struct):
    viewer: _Author | None = None


class _ViewerResponse(msgspec.Struct):
    data: _Viewer | None = None


class _Comment(msgspec.Struct):
    id: int
    html_url: str | None = None
    body: str | None = None
    user: _Author | None = None


@dataclass(frozen=True, slots=True)
class PublishedComment:
    """A published comment: its URL if GitHub returns it, and whether it is new.

    `removed` counts older comments that were deleted, `not_removed` those that the token may not
    delete.
    """

    url: str | None
    is_new: bool
    removed: int = 0
    not_removed: int = 0


def marker(environment: str) -> str:
    """Return the first line of an environment's comment, which GitHub does not display."""
    return f"<!-- iot-dr review {environment} -->"


def comment_body(environment: str, text: str) -> str:
    """Return the body of a comment: the marker by which it is found again, and the review."""
    return f"{marker(environment)}\n{text}"


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """The comment of one environment on a pull request.

    Only comments by the token's own author count: anyone can copy the marker. Of several, the
    newest is updated and the others are deleted, so that nobody reads an old verdict as the latest.
    """

    api: Api
    pull_request: PullRequest
    environment: str

    def publish(self, text: str) -> PublishedComment:
        """Update the comment, or create it.

        Raises NoPermissionError if the token may not write, and GitHubError for other errors.
        """
        body = comment_body(self.environment, text)
        login = self._login()
        retry_policy = self.api.retry_policy
        for attempt in range(1, retry_policy.attempts):
            try:
                return self._write(self._own(login), body)
            except OutcomeUnknownError:
                # It may have been created; the next attempt finds and updates it then.
                retry_policy.pause(retry_policy.after_failure(attempt))
        return self._write(self._own(login), body)

    def _write(self, own: list[_Comment], body: str) -> PublishedComment:
        if own:
            # Somebody may have deleted it since the list was read.
            with suppress(NotFoundError):
                return self._update(own, body)
        path = f"{self.pull_request.path}/comments"
        created = decode(self.api.request("POST", path, {"body": body}), _Comment)
        return PublishedComment(created.html_url, is_new=True)

    def _update(self, own: list[_Comment], body: str) -> PublishedComment:
        *older, newest = own
        content = self.api.request("PATCH", self._path(newest), {"body": body})
        url = decode(content, _Comment).html_url
        removed = sum(map(self._remove, older))
        return PublishedComment(
            url, is_new=False, removed=removed, not_removed=len(older) - removed
        )

    def _remove(self, comment: _Comment) -> bool:
        """Delete a comment; False if the token may not."""
        try:
            self.api.request("DELETE", self._path(comment))
        except NotFoundError:
            return True
        except NoPermissionError:
            return False
        return True

    def _path(self, comment: _Comment) -> str:
        return f"/repos/{self.pull_request.repository}/issues/comments/{comment.id}"

    def _own(self, login: str) -> list[_Comment]:
        """Return this author's comments for the environment, the newest last."""
        own = [
            comment
            for page in self.api.pages(f"{self.pull_request.path}/comments?per_page=100")
            for comment in decode(page, list[_Comment])
            if comment.user is not None
            and comment.user.login == login
            and (comment.body or "").partition("\n")[0].rstrip("\r") == marker(self.environment)
        ]
        return sorted(own, key=lambda comment: comment.id)

    def _login(self) -> str:
        """Return the login of the token's author; `github-actions[bot]` if it cannot be read.

        The token of an app, such as a workflow's, may not read `/user`, but may query `viewer`
        (docs.github.com/en/graphql/reference/queries, github.com/fullsend-ai/fullsend/pull/1953).
        """
        with suppress(NoPermissionError):
            return decode(self.api.request("GET", "/user"), _Author).login
        with suppress(NoPermissionError):
            data = decode(self.api.query(_VIEWER_QUERY), _ViewerResponse).data
            if data and data.viewer:
                return data.viewer.login
        return _WORKFLOWS_LOGIN


def add_to_summary(text: str, variables: Mapping[str, str]) -> bool:
    """Append a text to the job summary; False outside of a workflow.

    Raises GitHubError if the summary's file cannot be written.
    """
    file = variables.get("GITHUB_STEP_SUMMARY")
    if not file:
        return False
    try:
        with Path(file).open("a", encoding="utf-8") as summary:
            summary.write(f"{text}\n")
    except OSError as error:
        message = f"GITHUB_STEP_SUMMARY: {plain(file)}: cannot be written: {error.strerror}"
        raise GitHubError(message) from None
    return True
