"""The pull request of a review."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import content_of
from iot_dr.review.github.access import GitHubUsageError

_REPOSITORY: Final = re.compile(r"[\w.-]+/(?!\.{1,2}$)[\w.-]+", re.ASCII)
_REF: Final = re.compile(r"refs/pull/([1-9][0-9]*)/\w+", re.ASCII)


class _Numbered(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1)]


class _Event(msgspec.Struct):
    pull_request: _Numbered | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request: its repository (`owner/name`) and its number."""

    repository: str
    number: int

    @classmethod
    def from_options(
        cls, repository: str | None, number: int | None, variables: Mapping[str, str]
    ) -> "PullRequest":
        """Return the pull request of options, or else of the variables of GitHub Actions.

        Raises GitHubUsageError if these do not name a repository and a number.
        """
        return cls(
            checked_repository(repository or variables.get("GITHUB_REPOSITORY", "")),
            number or _number_of_event(variables) or _number_of_ref(variables),
        )

    @property
    def path(self) -> str:
        """The API path of the pull request's issue, to which its comments belong."""
        return f"/repos/{self.repository}/issues/{self.number}"


def checked_repository(name: str) -> str:
    """Return the name of a repository; raises GitHubUsageError unless it is `owner/name`."""
    if not _REPOSITORY.fullmatch(name):
        message = (
            f"--repo or GITHUB_REPOSITORY: must be a repository as owner/name, not {plain(name)!r}"
        )
        raise GitHubUsageError(message)
    return name


def _number_of_event(variables: Mapping[str, str]) -> int | None:
    """Return the number in the workflow's event; None without an event or a pull request in it.

    Raises GitHubUsageError if the event's file cannot be read or is not an event.
    """
    file = variables.get("GITHUB_EVENT_PATH")
    if not file:
        return None
    try:
        event = msgspec.json.decode(content_of(Path(file)), type=_Event)
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        message = f"GITHUB_EVENT_PATH: {plain(file)}: not a GitHub event: {plain(str(error))}"
        raise GitHubUsageError(message) from None
    return event.pull_request.number if event.pull_request else None


def _number_of_ref(variables: Mapping[str, str]) -> int:
    match = _REF.fullmatch(variables.get("GITHUB_REF", ""))
    if not match:
        message = "not in a pull request's workflow: pass --pr NUMBER"
        raise GitHubUsageError(message)
    return int(match[1])
