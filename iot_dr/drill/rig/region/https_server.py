"""A small HTTPS server: one request a connection, as much of HTTP/1.1 as is spoken here."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import responses
from typing import Final

_LONGEST_HEAD: Final = 16 * 1024
_LONGEST_BODY: Final = 128 * 1024
_HEAD_END: Final = b"\r\n\r\n"
# The machine's own seconds: what a peer may take that is gone, or means no good.
_REQUEST_SECONDS: Final = 60
_GOODBYE_SECONDS: Final = 1
# More than a fleet's checkers and functions at once; the kernel would drop what exceeds it.
_BACKLOG: Final = 1000


class BadRequestError(Exception):
    """What came is no request that is understood here."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `headers` have lower-case names, `path` and `query` are still encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body of JSON."""

    status: int
    body: bytes
    type: str = "application/json"

    @classmethod
    def message(cls, status: HTTPStatus, text: str | None = None) -> "Answer":
        """Say something as AWS's services do."""
        return cls(status, json.dumps({"message": text or status.phrase}).encode())

    @property
    def encoded(self) -> bytes:
        """The bytes that are sent."""
        head = (
            f"HTTP/1.1 {self.status} {responses.get(self.status, '')}\r\n"
            f"Content-Type: {self.type}\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + self.body


def only_for(context: ssl.SSLContext, names: frozenset[str]) -> None:
    """Let a server's TLS refuse a handshake for any other name, as the server knows no other.

    AWS would show a certificate of its own for a name that it does not serve, which a client that
    verifies refuses as well.
    """

    def choose(_tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        return None if name in names else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = choose


AnswerTo = Callable[[Request], Awaitable[Answer]]
"""Returns the answer to a request."""


async def serve_https(
    answer: AnswerTo, context: ssl.SSLContext, address: tuple[str, int]
) -> asyncio.Server:
    """Serve until the server that this gives is closed; raises OSError where the port is taken."""
    return await asyncio.start_server(
        partial(_meet, answer),
        *address,
        limit=_LONGEST_HEAD,
        backlog=_BACKLOG,
        ssl=context,
        ssl_shutdown_timeout=_GOODBYE_SECONDS,
    )


async def _meet(
    answer: AnswerTo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    # OSError: the other side is gone, late, or speaks no TLS.
    with suppress(OSError):
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = await read_request(reader)
            answered = await answer(request)
        except BadRequestError:
            answered = Answer.message(HTTPStatus.BAD_REQUEST)
        writer.write(answered.encoded)
        await writer.drain()
    writer.close()


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one request; raises BadRequestError for what is none, too long, or cut off."""
    try:
        head = (await reader.readuntil(_HEAD_END)).decode("latin-1")
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        method, target, _version = first.split(" ")
        headers = _headers(lines)
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= _LONGEST_BODY:
            raise BadRequestError
        path, _, query = target.partition("?")
        return Request(method, path, query, headers, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise BadRequestError from error


def _headers(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError
        lower, value = name.lower(), value.strip()
        # A header that comes twice is one with commas: RFC 9110, section 5.2.
        found[lower] = f"{found[lower]},{value}" if lower in found else value
    return found
