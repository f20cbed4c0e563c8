"""The clients of one region's IoT Core, and pagination of its list calls."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Client = Any
"""A boto3 client; boto3 generates its classes at run time, so it has no static type."""
Response = Any
"""A response of AWS, or a part of one."""


@dataclass(frozen=True)
class Region:
    """The clients for `iot` and `iot-data` of a region, and the parts of its ARNs."""

    iot: Client
    iot_data: Client
    name: str
    account_id: str

    def arn(self, resource: str) -> str:
        """Return the ARN of a resource such as `cert/abc`."""
        return f"arn:{self.iot.meta.partition}:iot:{self.name}:{self.account_id}:{resource}"


@dataclass(frozen=True)
class Paging:
    """The names of a list call's pagination parameters; AWS IoT has three sets of them."""

    token: str
    next_token: str
    size: str


TOKENS = Paging("nextToken", "nextToken", "maxResults")
MARKERS = Paging("marker", "nextMarker", "pageSize")
SHADOW_TOKENS = Paging("nextToken", "nextToken", "pageSize")

Call = Callable[..., Mapping[str, Any]]
MAX_PAGE_SIZE = 250
"""The maximum page size of the registry's list calls.

Such as docs.aws.amazon.com/iot/latest/apireference/API_ListThings.html (maxResults) and
API_ListPolicies.html (pageSize).
"""


def nested(answer: Mapping[str, Response] | None, *path: str) -> Response:
    """Return the value at a path of keys in a response; None if a part is missing or null."""
    part: Response = answer
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
    size: int = MAX_PAGE_SIZE,
    **parameters: object,
) -> tuple[list[Any], str | None]:
    """Return the member `items` of one page of a list call, and the cursor of the next page.

    The cursor is None on the last page.
    """
    start = {paging.token: cursor} if cursor else {}
    answer = call(**parameters, **start, **{paging.size: size})
    return list(answer.get(items) or ()), answer.get(paging.next_token) or None


def paginated(
    call: Call, items: str, paging: Paging, *, size: int = MAX_PAGE_SIZE, **parameters: object
) -> Iterator[Any]:
    """Yield the member `items` of all pages of a list call."""
    cursor = None
    while True:
        some, cursor = page(call, items, paging, cursor, size=size, **parameters)
        yield from some
        if cursor is None:
            return
