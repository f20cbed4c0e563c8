"""The pull request that a review is of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.review.github.access import GitHubUsageError

_REPOSITORY: Final = re.compile(r"[\w.-]+/(?!\.{1,2}$)[\w.-]+", re.ASCII)
_REF: Final = re.compile(r"refs/pull/([1-9][0-9]*)/\w+", re.ASCII)


class _Numbered(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1)]


class _Event(msgspec.Struct):
    pull_request: _Numbered | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request by its repository, `owner/name`, and its number."""

    repository: str
    number: int

    @classmethod
    def meant(
        cls, repository: str | None, number: int | None, variables: Mapping[str, str]
    ) -> "PullRequest":
        """Take what is given, and the rest from the variables that GitHub Actions sets.

        Raises:
            GitHubUsageError: when that does not tell a repository and a number.
        """
        return cls(
            checked_repository(repository or variables.get("GITHUB_REPOSITORY", "")),
            number or _number_of_event(variables) or _number_of_ref(variables),
        )

    @property
    def path(self) -> str:
        """The path of its issue in the API: comments belong to that."""
        return f"/repos/{self.repository}/issues/{self.number}"


def checked_repository(name: str) -> str:
    """Give the name of a repository; raises GitHubUsageError for what is none."""
    if not _REPOSITORY.fullmatch(name):
        message = (
            f"{plain(name)!r} is no repository: name one with --repo owner/name, or in"
            " GITHUB_REPOSITORY"
        )
        raise GitHubUsageError(message)
    return name


def _number_of_event(variables: Mapping[str, str]) -> int | None:
    """Read the event that started a workflow: it has a pull request only if it is of one."""
    file = variables.get("GITHUB_EVENT_PATH")
    if not file:
        return None
    try:
        event = msgspec.json.decode(Path(file).read_bytes(), type=_Event)
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        message = f"GITHUB_EVENT_PATH: {plain(file)}: is no event of GitHub: {plain(str(error))}"
        raise GitHubUsageError(message) from None
    return event.pull_request.number if event.pull_request else None


def _number_of_ref(variables: Mapping[str, str]) -> int:
    found = _REF.fullmatch(variables.get("GITHUB_REF", ""))
    if not found:
        message = (
            "no pull request is named: give --pr NUMBER (outside of a pull request's workflow)"
        )
        raise GitHubUsageError(message)
    return int(found[1])
