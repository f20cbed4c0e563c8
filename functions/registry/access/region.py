"""The region whose IoT Core is read and written, and how its lists are turned over."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Client = Any
"""A client of boto3's, which has no types."""
Answer = Any
"""What AWS answered, or a part of it."""


@dataclass(frozen=True)
class Region:
    """boto3's clients for `iot` and `iot-data` of a region, and what its ARNs are made of."""

    iot: Client
    iot_data: Client
    name: str
    account_id: str

    def arn(self, resource: str) -> str:
        """Give the ARN of a resource such as `cert/abc`."""
        return f"arn:{self.iot.meta.partition}:iot:{self.name}:{self.account_id}:{resource}"


@dataclass(frozen=True)
class Paging:
    """The names that a list gives its parameters."""

    token: str
    next_token: str
    size: str


TOKENS = Paging("nextToken", "nextToken", "maxResults")
MARKERS = Paging("marker", "nextMarker", "pageSize")
SHADOW_TOKENS = Paging("nextToken", "nextToken", "pageSize")

Call = Callable[..., Mapping[str, Any]]
LARGEST = 250
"""The most that a list of the registry gives at once."""


def inside(answer: Mapping[str, Answer] | None, *path: str) -> Answer:
    """Give what an answer has below some names; None where it has one of them not."""
    part: Answer = answer
    for name in path:
        if part is None:
            return None
        part = part.get(name)
    return part


def page(
    call: Call,
    items: str,
    paging: Paging,
    cursor: str | None,
    *,
    size: int = LARGEST,
    **given: object,
) -> tuple[list[Any], str | None]:
    """Give the `items` of one page of a list, and the cursor of the next page."""
    start = {paging.token: cursor} if cursor else {}
    answer = call(**given, **start, **{paging.size: size})
    return list(answer.get(items) or ()), answer.get(paging.next_token) or None


def every(
    call: Call, items: str, paging: Paging, *, size: int = LARGEST, **given: object
) -> Iterator[Any]:
    """Give the `items` of all pages of a list."""
    cursor = None
    while True:
        some, cursor = page(call, items, paging, cursor, size=size, **given)
        yield from some
        if cursor is None:
            return
