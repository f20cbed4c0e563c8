"""GitHub's REST API, with a patience for what passes."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Final, Literal, Self, TypeVar
from urllib.parse import urljoin

import httpx
import msgspec

from iot_dr.review.github.access import TOKEN, Access
from iot_dr.review.github.errors import (
    GitHubError,
    LostAnswerError,
    NoPermissionError,
    NotFoundError,
)
from iot_dr.review.github.patience import Patience, is_rate_limited

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
        """Give every page of a list, as the Link headers lead from one to the next."""
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
        """Send a request and give the answer's content.

        A POST is sent once: where its answer is lost, only a look can tell whether it was done.
        """
        return self._request(method, self._access.url + path, body).content

    def query(self, query: str) -> bytes:
        """Send a query to the GraphQL API beside this one, and give the answer's content.

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
            if not is_rate_limited(answer):
                return self._accepted(answer)
            self._wait_for_limit(answer)
        return self._accepted(self._sent(method, url, body))

    def _sent(self, method: Method, url: str, body: Mapping[str, str] | None) -> httpx.Response:
        for _ in range(1 + _MOST_REDIRECTS):
            try:
                answer = self._client.request(method, url, json=body)
            except httpx.RequestError as error:
                told = self._access.told(str(error)) or type(error).__name__
                raise LostAnswerError(f"GitHub does not answer ({method}): {told}") from None
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
            raise GitHubError(f"GitHub leads to another server: {self._access.told(url)}")
        return url

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        told = self._told(answer)
        if is_rate_limited(answer):
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
        """Tell the status and GitHub's own words."""
        words: list[str] = []
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            refusal = msgspec.json.decode(answer.content, type=_Refusal)
            faults = [e if isinstance(e, str) else e.message or e.code for e in refusal.errors]
            words = [each for each in (refusal.message, *faults) if each]
        text = self._access.told(": ".join(words))[:_LONGEST_TOLD]
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
