"""A client of GitHub's API that retries failures that may be temporary."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal, Self, TypeVar
from urllib.parse import urljoin

import httpx
import msgspec

from iot_dr.review.github.access import (
    TOKEN,
    Access,
    GitHubError,
    NoPermissionError,
    NotFoundError,
    OutcomeUnknownError,
)

_RATE_LIMIT_PAUSE: Final = 60.0
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "iot-dr",
    "X-GitHub-Api-Version": "2022-11-28",
}
_REDIRECTS: Final = {301, 302, 307, 308}
_MAX_REDIRECTS: Final = 3
# A pull request has at most 2,500 comments, which are 25 pages.
_MAX_PAGES: Final = 100
_MAX_ERROR_LENGTH: Final = 500
_SERVER_FAILED: Final = 500

_Form = TypeVar("_Form")

Method = Literal["GET", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """The number of attempts, and the timeout and the longest wait between attempts in seconds.

    `pause` sleeps, `now` returns the Unix time, and `jitter` a number from 0 to 1.
    """

    attempts: int = 5
    timeout: float = 30.0
    max_wait: float = 120.0
    pause: Callable[[float], None] = field(default=time.sleep)
    now: Callable[[], float] = field(default=time.time)
    jitter: Callable[[], float] = field(default=random.random)

    def after_failure(self, attempt: int) -> float:
        """Return the wait after attempt number `attempt`, from 1: about 1 s, then doubled."""
        return 2.0 ** (attempt - 1) * (0.5 + self.jitter())

    def after_limit(self, response: httpx.Response) -> float:
        """Return the seconds to wait after a response to a request over a rate limit.

        `retry-after`, else until `x-ratelimit-reset` if no request remains, else a minute, each
        with jitter:
        docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        if (wait := _number(response, "retry-after")) is not None:
            return wait + self.jitter()
        reset = _number(response, "x-ratelimit-reset")
        if response.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
            return max(0.0, reset - self.now()) + 1.0 + self.jitter()
        return _RATE_LIMIT_PAUSE * (1.0 + self.jitter() / 10)


class _ErrorDetail(msgspec.Struct):
    message: str = ""
    code: str = ""


class _ErrorBody(msgspec.Struct):
    message: str = ""
    errors: list[_ErrorDetail | str] = []


class Api:
    """Requests with the token of `access`, which is sent to the API's own origin only.

    Every method raises OutcomeUnknownError, NoPermissionError, NotFoundError, or GitHubError for
    other errors and for a rate limit that lasts longer than `retry_policy` allows.
    """

    def __init__(self, access: Access, retry_policy: RetryPolicy) -> None:
        self.retry_policy = retry_policy
        self._access = access
        self._client = httpx.Client(
            headers={**_HEADERS, "Authorization": f"Bearer {access.token}"},
            timeout=retry_policy.timeout,
        )

    def pages(self, path: str) -> Iterator[bytes]:
        """Yield every page of a list, following its Link headers."""
        url = self._access.url + path
        for _ in range(_MAX_PAGES):
            response = self._request("GET", url)
            yield response.content
            next_url = response.links.get("next", {}).get("url")
            if next_url is None:
                return
            url = self._checked_origin(urljoin(url, next_url))
        raise GitHubError(f"GitHub returns more than {_MAX_PAGES} pages of {path}")

    def request(self, method: Method, path: str, body: Mapping[str, str] | None = None) -> bytes:
        """Send a request and return the body of its response.

        A POST is not retried after OutcomeUnknownError: it may have been carried out.
        """
        return self._request(method, self._access.url + path, body).content

    def query(self, query: str) -> bytes:
        """Send a query to the GraphQL API and return the body of its response.

        It is at /graphql on api.github.com, and at /api/graphql on GitHub Enterprise Server, whose
        REST API is at /api/v3
        (docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql).
        """
        url = f"{self._access.url.removesuffix('/v3')}/graphql"
        return self._request("POST", url, {"query": query}, is_read_only=True).content

    def _request(
        self,
        method: Method,
        url: str,
        body: Mapping[str, str] | None = None,
        *,
        is_read_only: bool = False,
    ) -> httpx.Response:
        for attempt in range(1, self.retry_policy.attempts):
            try:
                response = self._send(method, url, body)
            except OutcomeUnknownError:
                if method == "POST" and not is_read_only:
                    raise
                self.retry_policy.pause(self.retry_policy.after_failure(attempt))
                continue
            if not _is_rate_limited(response):
                return self._checked(response)
            self._wait_for_limit(response)
        return self._checked(self._send(method, url, body))

    def _send(self, method: Method, url: str, body: Mapping[str, str] | None) -> httpx.Response:
        for _ in range(1 + _MAX_REDIRECTS):
            try:
                response = self._client.request(method, url, json=body)
            except httpx.RequestError as error:
                reason = self._access.redacted(str(error)) or type(error).__name__
                raise OutcomeUnknownError(f"GitHub does not respond ({method}): {reason}") from None
            if response.status_code >= _SERVER_FAILED:
                raise OutcomeUnknownError(f"GitHub failed ({method}): {self._message(response)}")
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or location is None:
                return response
            url = self._checked_origin(urljoin(url, location))
        raise GitHubError(f"GitHub redirects more than {_MAX_REDIRECTS} times ({method})")

    def _wait_for_limit(self, response: httpx.Response) -> None:
        wait = self.retry_policy.after_limit(response)
        if wait > self.retry_policy.max_wait:
            raise GitHubError(
                f"GitHub's rate limit requires a wait of {wait:.0f} s; this command waits at most"
                f" {self.retry_policy.max_wait:.0f} s: {self._message(response)}"
            )
        self.retry_policy.pause(wait)

    def _checked_origin(self, url: str) -> str:
        if not self._access.has_same_origin(url):
            raise GitHubError(f"GitHub redirects to another server: {self._access.redacted(url)}")
        return url

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        message = self._message(response)
        if _is_rate_limited(response):
            raise GitHubError(f"GitHub's rate limit still applies: {message}")
        match response.status_code:
            case 401:
                raise GitHubError(f"GitHub does not accept the {TOKEN}: {message}")
            case 403:
                raise NoPermissionError(f"the {TOKEN} has no permission: {message}")
            case 404:
                raise NotFoundError(f"not found, or not visible to the {TOKEN}: {message}")
            case _:
                raise GitHubError(f"GitHub rejected the request: {message}")

    def _message(self, response: httpx.Response) -> str:
        """Return the status and GitHub's error message."""
        messages: list[str] = []
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            body = msgspec.json.decode(response.content, type=_ErrorBody)
            details = [e if isinstance(e, str) else e.message or e.code for e in body.errors]
            messages = [each for each in (body.message, *details) if each]
        text = self._access.redacted(": ".join(messages) or response.reason_phrase)
        return f"{response.status_code} {text[:_MAX_ERROR_LENGTH]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


def decode(content: bytes, form: type[_Form]) -> _Form:
    """Decode the body of a response; raises GitHubError if it does not have the form."""
    try:
        return msgspec.json.decode(content, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GitHubError(f"unexpected response from GitHub's API: {error}") from None


def _is_rate_limited(response: httpx.Response) -> bool:
    """Whether a request was over a rate limit; 403 alone may also be a missing permission.

    docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if response.status_code == _TOO_MANY:
        return True
    return response.status_code == _FORBIDDEN and (
        "retry-after" in response.headers
        or response.headers.get("x-ratelimit-remaining") == "0"
        or "secondary rate limit" in response.text.lower()
    )


def _number(response: httpx.Response, name: str) -> float | None:
    try:
        number = float(response.headers.get(name, ""))
    except ValueError:
        return None
    # NaN and infinity parse as floats, but are not a wait.
    return number if 0 <= number < float("inf") else None
