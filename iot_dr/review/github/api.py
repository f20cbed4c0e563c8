"""GitHub's REST API, which is asked again when a failure may pass."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Literal, Self, TypeVar
from urllib.parse import urljoin

import httpx
import msgspec

from iot_dr.review.github.access import (
    TOKEN,
    Access,
    GitHubError,
    LostAnswerError,
    NoPermissionError,
    NotFoundError,
)

_MINUTE: Final = 60.0
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "iot-dr",
    "X-GitHub-Api-Version": "2022-11-28",
}
_REDIRECTS: Final = {301, 302, 307, 308}
_MOST_REDIRECTS: Final = 3
# A pull request takes no more than 2,500 comments, which are 25 pages.
_MOST_PAGES: Final = 100
_LONGEST_TOLD: Final = 500
_SERVER_FAILED: Final = 500

_Form = TypeVar("_Form")

Method = Literal["GET", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Attempts at one request, seconds for its answer, and the seconds that one wait may take.

    `pause` waits, `now` gives seconds since 1970, and `jitter` a number from 0 to 1.
    """

    attempts: int = 5
    answer: float = 30.0
    longest: float = 120.0
    pause: Callable[[float], None] = field(default=time.sleep)
    now: Callable[[], float] = field(default=time.time)
    jitter: Callable[[], float] = field(default=random.random)

    def after_failure(self, attempt: int) -> float:
        """Return the wait after failure number `attempt`, from 1: it doubles, from about 1 s."""
        return 2.0 ** (attempt - 1) * (0.5 + self.jitter())

    def after_limit(self, answer: httpx.Response) -> float:
        """Return the wait that an answer over a rate limit asks for.

        docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api: what
        Retry-After says, else until x-ratelimit-reset, else a minute.
        """
        if (asked := _number(answer, "retry-after")) is not None:
            return asked + self.jitter()
        if answer.headers.get("x-ratelimit-remaining") == "0":
            reset = _number(answer, "x-ratelimit-reset")
            return max(0.0, (reset or self.now()) - self.now()) + 1.0 + self.jitter()
        return _MINUTE * (1.0 + self.jitter() / 10)


class _Fault(msgspec.Struct):
    message: str = ""
    code: str = ""


class _Refusal(msgspec.Struct):
    message: str = ""
    errors: list[_Fault | str] = []


class Api:
    """Requests with the token of `access`, which goes to the API's own server alone.

    Every method raises LostAnswerError, NoPermissionError, NotFoundError, or GitHubError for any
    other refusal and for a rate limit that lasts longer than `patience` allows.
    """

    def __init__(self, access: Access, patience: Patience) -> None:
        self.patience = patience
        self._access = access
        self._client = httpx.Client(
            headers={**_HEADERS, "Authorization": f"Bearer {access.token}"},
            timeout=patience.answer,
        )

    def pages(self, path: str) -> Iterator[bytes]:
        """Yield every page of a list, as the Link headers lead from one to the next."""
        url = self._access.url + path
        for _ in range(_MOST_PAGES):
            answer = self._request("GET", url)
            yield answer.content
            following = answer.links.get("next", {}).get("url")
            if following is None:
                return
            url = self._on_our_server(urljoin(url, following))
        raise GitHubError(f"GitHub gives more than {_MOST_PAGES} pages of {path}")

    def request(self, method: Method, path: str, body: Mapping[str, str] | None = None) -> bytes:
        """Send a request and return the answer's content.

        A POST is sent once: where its answer is lost, only a look can tell whether it was done.
        """
        return self._request(method, self._access.url + path, body).content

    def query(self, query: str) -> bytes:
        """Send a query to the GraphQL API beside this one, and return the answer's content.

        On api.github.com it is at /graphql, on a server of one's own at /api/graphql beside
        /api/v3 (docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql).
        """
        url = f"{self._access.url.removesuffix('/v3')}/graphql"
        return self._request("POST", url, {"query": query}, is_question=True).content

    def _request(
        self,
        method: Method,
        url: str,
        body: Mapping[str, str] | None = None,
        *,
        is_question: bool = False,
    ) -> httpx.Response:
        for attempt in range(1, self.patience.attempts):
            try:
                answer = self._sent(method, url, body)
            except LostAnswerError:
                if method == "POST" and not is_question:
                    raise
                self.patience.pause(self.patience.after_failure(attempt))
                continue
            if not _is_rate_limited(answer):
                return self._accepted(answer)
            self._wait_for_limit(answer)
        return self._accepted(self._sent(method, url, body))

    def _sent(self, method: Method, url: str, body: Mapping[str, str] | None) -> httpx.Response:
        for _ in range(1 + _MOST_REDIRECTS):
            try:
                answer = self._client.request(method, url, json=body)
            except httpx.RequestError as error:
                words = self._access.redacted(str(error)) or type(error).__name__
                raise LostAnswerError(f"GitHub does not answer ({method}): {words}") from None
            if answer.status_code >= _SERVER_FAILED:
                raise LostAnswerError(f"GitHub fails ({method}): {self._told(answer)}")
            location = answer.headers.get("location")
            if answer.status_code not in _REDIRECTS or location is None:
                return answer
            url = self._on_our_server(urljoin(url, location))
        raise GitHubError(f"GitHub leads on and on ({method}): more than {_MOST_REDIRECTS} times")

    def _wait_for_limit(self, answer: httpx.Response) -> None:
        wait = self.patience.after_limit(answer)
        if wait > self.patience.longest:
            raise GitHubError(
                f"GitHub's rate limit asks for a wait of {wait:.0f} s, more than the"
                f" {self.patience.longest:.0f} s that this command waits: {self._told(answer)}"
            )
        self.patience.pause(wait)

    def _on_our_server(self, url: str) -> str:
        if not self._access.leads_to(url):
            raise GitHubError(f"GitHub leads to another server: {self._access.redacted(url)}")
        return url

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        told = self._told(answer)
        if _is_rate_limited(answer):
            raise GitHubError(f"GitHub's rate limit lasts on: {told}")
        match answer.status_code:
            case 401:
                raise GitHubError(f"GitHub does not accept the {TOKEN}: {told}")
            case 403:
                raise NoPermissionError(f"the {TOKEN} has no permission: {told}")
            case 404:
                raise NotFoundError(f"not there, or hidden from the {TOKEN}: {told}")
            case _:
                raise GitHubError(f"GitHub refuses: {told}")

    def _told(self, answer: httpx.Response) -> str:
        """Return the status and GitHub's own words."""
        words: list[str] = []
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            refusal = msgspec.json.decode(answer.content, type=_Refusal)
            faults = [e if isinstance(e, str) else e.message or e.code for e in refusal.errors]
            words = [each for each in (refusal.message, *faults) if each]
        text = self._access.redacted(": ".join(words))[:_LONGEST_TOLD]
        return f"{answer.status_code} {text or answer.reason_phrase}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()


def decoded(content: bytes, form: type[_Form]) -> _Form:
    """Read an answer's content; raises GitHubError when it is not of the form."""
    try:
        return msgspec.json.decode(content, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GitHubError(f"GitHub answers what is no answer of its API: {error}") from None


def _is_rate_limited(answer: httpx.Response) -> bool:
    """Whether a refusal is only for now: the same statuses also mean that it is for good."""
    if answer.status_code == _TOO_MANY:
        return True
    return answer.status_code == _FORBIDDEN and (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "secondary rate limit" in answer.text.lower()
    )


def _number(answer: httpx.Response, name: str) -> float | None:
    try:
        number = float(answer.headers.get(name, ""))
    except ValueError:
        return None
    # A wait that is no number, or none at all, must not look like a short one.
    return number if 0 <= number < float("inf") else None
