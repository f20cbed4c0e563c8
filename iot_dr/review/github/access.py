"""The address of GitHub's API, the access token, and the errors of requests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError

TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - the variable's name
API_URL: Final = "GITHUB_API_URL"

_LONGEST, _LONGEST_SHOWN = 2000, 200
_PUBLIC: Final = "https://api.github.com"
_TOKEN_FORM: Final = re.compile(r"[!-~]+")


class GitHubUsageError(UsageError):
    """A variable, an option or a file for the GitHub commands is missing or invalid."""


class GitHubError(UserError):
    """A request to GitHub failed, or the job summary cannot be written.

    The message includes GitHub's own, if it sent one.
    """


class NoPermissionError(GitHubError):
    """The token lacks a permission (403)."""


class NotFoundError(NoPermissionError):
    """The object does not exist, or the token may not see it: GitHub answers 404 to both."""


class OutcomeUnknownError(GitHubError):
    """There was no response, or a server error: the request may have been carried out."""


@dataclass(frozen=True, slots=True)
class Access:
    """The API's URL without a trailing slash, and the token, which `repr` does not show."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "Access":
        """Read GITHUB_TOKEN, and GITHUB_API_URL, which GitHub Actions sets.

        Raises GitHubUsageError if the token is missing or malformed, and for a URL that is invalid
        or would send the token unencrypted.
        """
        token = variables.get(TOKEN, "").strip()
        if not token:
            raise GitHubUsageError(f"{TOKEN} is not set: it must be a token for GitHub's API")
        if not _TOKEN_FORM.fullmatch(token):
            raise GitHubUsageError(f"{TOKEN} contains characters that are not allowed in a token")
        return cls(_checked(variables.get(API_URL) or _PUBLIC), token)

    def has_same_origin(self, url: str) -> bool:
        """Whether a URL has the API's origin; the token must not be sent to another."""
        try:
            return _origin(url) == _origin(self.url)
        except ValueError:
            return False

    def redacted(self, text: str) -> str:
        """Return an untrusted text with control characters escaped and the token removed."""
        return plain(text.replace(self.token, "(token)"))


def _checked(url: str) -> str:
    try:
        scheme, host, _ = _origin(url)
    except ValueError:
        scheme = host = ""
    is_malformed = "@" in url or " " in url or not url.isprintable() or len(url) > _LONGEST
    if not host or scheme not in {"http", "https"} or is_malformed:
        shown = plain(url[:_LONGEST_SHOWN])
        message = f"{API_URL}: must be a URL such as {_PUBLIC}, not {shown!r}"
        raise GitHubUsageError(message)
    if scheme == "http" and not _is_loopback(host):
        message = f"{API_URL}: {plain(url)!r} would send the token unencrypted: use https"
        raise GitHubUsageError(message)
    return url.rstrip("/")


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80}.get(parts.scheme, 443)
    return parts.scheme, parts.hostname or "", port


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
