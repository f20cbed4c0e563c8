"""How long GitHub is waited for."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

_MINUTE: Final = 60.0
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429


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
        """Give the wait after failure number `attempt`, from 1: it doubles, from about 1 s."""
        return 2.0 ** (attempt - 1) * (0.5 + self.jitter())

    def after_limit(self, answer: httpx.Response) -> float:
        """Give the wait that an answer over a rate limit asks for.

        docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api: what
        Retry-After says, else until x-ratelimit-reset, else a minute.
        """
        if (asked := _number(answer, "retry-after")) is not None:
            return asked + self.jitter()
        if answer.headers.get("x-ratelimit-remaining") == "0":
            reset = _number(answer, "x-ratelimit-reset")
            return max(0.0, (reset or self.now()) - self.now()) + 1.0 + self.jitter()
        return _MINUTE * (1.0 + self.jitter() / 10)


def is_rate_limited(answer: httpx.Response) -> bool:
    """Tell whether a refusal is only for now: the same statuses also mean that it is for good."""
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
