"""Where GitHub's API is, the token that opens it, and the errors of asking it."""

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

_PUBLIC: Final = "https://api.github.com"
_TOKEN_FORM: Final = re.compile(r"[!-~]+")


class GitHubUsageError(UsageError):
    """A variable, an option or a file does not say which pull request is meant, or by whom."""


class GitHubError(UserError):
    """GitHub refuses, or does not answer; the message tells its own words."""


class NoPermissionError(GitHubError):
    """The token may not do it (403)."""


class NotFoundError(NoPermissionError):
    """There is no such thing, or the token may not see it: GitHub tells both alike (404)."""


class LostAnswerError(GitHubError):
    """GitHub's answer did not come, or told of its own failure: it may have done it or not."""


@dataclass(frozen=True, slots=True)
class Access:
    """The API's address without a slash at its end, and the token, which no text shows."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def of_environment(cls, variables: Mapping[str, str]) -> "Access":
        """Read the variables that GitHub Actions sets.

        Raises:
            GitHubUsageError: when there is no token, or the address would let others read it.
        """
        token = variables.get(TOKEN, "").strip()
        if not token:
            raise GitHubUsageError(f"{TOKEN} is not set: it is the token for GitHub's API")
        if not _TOKEN_FORM.fullmatch(token):
            raise GitHubUsageError(f"{TOKEN} holds characters that no token has")
        return cls(_checked(variables.get(API_URL) or _PUBLIC), token)

    def leads_to(self, url: str) -> bool:
        """Whether an address is on the API's own server: nobody else may get the token."""
        try:
            return _origin(url) == _origin(self.url)
        except ValueError:
            return False

    def redacted(self, text: str) -> str:
        """Return a text from elsewhere in a form that may be printed, without the token."""
        return plain(text.replace(self.token, "(token)"))


def _checked(url: str) -> str:
    try:
        scheme, host, _ = _origin(url)
    except ValueError:
        scheme = host = ""
    is_odd = "@" in url or " " in url or not url.isprintable()
    if not host or scheme not in {"http", "https"} or is_odd:
        message = f"{API_URL}: {plain(url)!r} is no address of an API, as {_PUBLIC} is one"
        raise GitHubUsageError(message)
    if scheme == "http" and not _is_on_this_machine(host):
        message = f"{API_URL}: {plain(url)!r} would send the token unencrypted: use https"
        raise GitHubUsageError(message)
    return url.rstrip("/")


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80}.get(parts.scheme, 443)
    return parts.scheme, parts.hostname or "", port


def _is_on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
