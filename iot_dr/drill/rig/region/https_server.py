"""A minimal HTTP/1.1 server with TLS and one request per connection."""

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
# Seconds of real time, as limits for unresponsive clients.
_REQUEST_SECONDS: Final = 60
_GOODBYE_SECONDS: Final = 1
# More than all checkers and functions at once; the kernel drops connections beyond it.
_BACKLOG: Final = 1000


class BadRequestError(Exception):
    """Received bytes are not a supported request."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request; header names are in lower case, `path` and `query` are not decoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP status and a body of JSON."""

    status: int
    body: bytes
    type: str = "application/json"

    @classmethod
    def message(cls, status: HTTPStatus, text: str | None = None) -> "HttpResponse":
        """Return an answer with a message in the format of AWS services."""
        return cls(status, json.dumps({"message": text or status.phrase}).encode())

    @property
    def encoded(self) -> bytes:
        """The encoded response."""
        head = (
            f"HTTP/1.1 {self.status} {responses.get(self.status, '')}\r\n"
            f"Content-Type: {self.type}\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + self.body


def only_for(context: ssl.SSLContext, names: frozenset[str]) -> None:
    """Let a TLS context refuse handshakes for other server names.

    assumed: for a name without a domain configuration, AWS IoT presents its own certificate, which
    clients that verify the name refuse as well.
    """

    def choose(_tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        return None if name in names else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = choose


AnswerTo = Callable[[HttpRequest], Awaitable[HttpResponse]]
"""Returns the answer to a request."""


async def serve_https(
    answer: AnswerTo, context: ssl.SSLContext, address: tuple[str, int]
) -> asyncio.Server:
    """Return a listening server; raises OSError if the port is in use."""
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
    # OSError: the client has disconnected, is late, or does not use TLS.
    with suppress(OSError):
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = await read_request(reader)
            answered = await answer(request)
        except BadRequestError:
            answered = HttpResponse.message(HTTPStatus.BAD_REQUEST)
        writer.write(answered.encoded)
        await writer.drain()
    writer.close()


async def read_request(reader: asyncio.StreamReader) -> HttpRequest:
    """Read one request; raises BadRequestError if it is malformed, too long or incomplete."""
    try:
        head = (await reader.readuntil(_HEAD_END)).decode("latin-1")
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        method, target, _version = first.split(" ")
        headers = _headers(lines)
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= _LONGEST_BODY:
            raise BadRequestError
        path, _, query = target.partition("?")
        return HttpRequest(method, path, query, headers, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise BadRequestError from error


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError
        lower, value = name.lower(), value.strip()
        # Repeated headers are joined with commas: RFC 9110, section 5.2.
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    return headers
