"""The one comment on a pull request that holds the review of an environment."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import (
    GitHubError,
    LostAnswerError,
    NoPermissionError,
    NotFoundError,
)
from iot_dr.review.github.api import Api, decoded
from iot_dr.review.github.pull_request import PullRequest

# The author of what a workflow's own token writes; no user can have a name with brackets.
_WORKFLOWS_LOGIN: Final = "github-actions[bot]"
LONGEST: Final = 65_536
"""Characters of the longest comment that GitHub takes; it answers 422 to a longer one."""
_WHO: Final = "query { viewer { login } }"


class _Author(msgspec.Struct):
    login: str


class _Viewer(msgspec.Struct):
    viewer: _Author | None = None


class _Answer(msgspec.Struct):
    data: _Viewer | None = None


class _Comment(msgspec.Struct):
    id: int
    html_url: str | None = None
    body: str | None = None
    user: _Author | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """Where the comment is, if GitHub tells, and whether it is new.

    `removed` are older ones that it took the place of, `left` those that the token may not remove.
    """

    url: str | None
    is_new: bool
    removed: int = 0
    left: int = 0


def marker(environment: str) -> str:
    """Give the first line of an environment's comment, which GitHub does not show."""
    return f"<!-- iot-dr review {environment} -->"


def commented(environment: str, text: str) -> str:
    """Give the comment of a review: what finds it again, and the text."""
    return f"{marker(environment)}\n{text}"


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """The comment of one environment on a pull request.

    Only what the token's own author wrote counts: a stranger may copy the marker. Where there are
    several, the newest is kept and the others go: an old verdict must not be read as the last.
    """

    api: Api
    pull_request: PullRequest
    environment: str

    def publish(self, text: str) -> Published:
        """Write the text into the comment, a new one where there is none.

        Raises NoPermissionError when the token may not write, and GitHubError for all else.
        """
        body = commented(self.environment, text)
        login = self._login()
        patience = self.api.patience
        for attempt in range(1, patience.attempts):
            try:
                return self._write(self._own(login), body)
            except LostAnswerError:
                # It may stand there all the same, and then the next look finds it.
                patience.pause(patience.after_failure(attempt))
        return self._write(self._own(login), body)

    def _write(self, own: list[_Comment], body: str) -> Published:
        if own:
            # Somebody may have deleted it since the look at the list.
            with suppress(NotFoundError):
                return self._update(own, body)
        path = f"{self.pull_request.path}/comments"
        made = decoded(self.api.request("POST", path, {"body": body}), _Comment)
        return Published(made.html_url, is_new=True)

    def _update(self, own: list[_Comment], body: str) -> Published:
        *older, newest = own
        content = self.api.request("PATCH", self._path(newest), {"body": body})
        url = decoded(content, _Comment).html_url
        removed = sum(map(self._remove, older))
        return Published(url, is_new=False, removed=removed, left=len(older) - removed)

    def _remove(self, comment: _Comment) -> bool:
        """Remove a comment; False where the token may not."""
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
        """Find our comments, the newest last."""
        found = [
            comment
            for page in self.api.pages(f"{self.pull_request.path}/comments?per_page=100")
            for comment in decoded(page, list[_Comment])
            if comment.user is not None
            and comment.user.login == login
            and (comment.body or "").partition("\n")[0].rstrip("\r") == marker(self.environment)
        ]
        return sorted(found, key=lambda comment: comment.id)

    def _login(self) -> str:
        """Name the token's author.

        An app's token, as a workflow's is one, may not ask for its user, but who views
        (docs.github.com/en/graphql/reference/queries, github.com/fullsend-ai/fullsend/pull/1953).
        """
        with suppress(NoPermissionError):
            return decoded(self.api.request("GET", "/user"), _Author).login
        with suppress(NoPermissionError):
            told = decoded(self.api.query(_WHO), _Answer).data
            if told and told.viewer:
                return told.viewer.login
        return _WORKFLOWS_LOGIN


def add_to_summary(text: str, variables: Mapping[str, str]) -> bool:
    """Append a text to the job's summary; False where there is none, outside of a workflow.

    Raises GitHubError when its file cannot be written.
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
