import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.rig.region.https_server import BadRequestError, HttpRequest, read_request

_words = st.text("abcdefgh-", min_size=1, max_size=10)
_requests = st.builds(
    HttpRequest,
    method=st.sampled_from(["GET", "POST"]),
    path=_words.map("/{}".format),
    query=st.one_of(st.just(""), _words.map("{}=1".format)),
    headers=st.dictionaries(_words.map("x-{}".format), _words),
    body=st.binary(max_size=50),
)


def _read(data: bytes) -> HttpRequest:
    async def read() -> HttpRequest:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_request(reader)

    return asyncio.run(read())


def _written(request: HttpRequest) -> bytes:
    target = f"{request.path}?{request.query}" if request.query else request.path
    headers = {**request.headers, "Content-Length": str(len(request.body))}
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


@given(_requests)
def test_a_request_is_read_as_it_was_written(request: HttpRequest) -> None:
    read = _read(_written(request))
    assert (read.method, read.path, read.query) == (request.method, request.path, request.query)
    assert read.headers == {**request.headers, "content-length": str(len(request.body))}
    assert read.body == request.body


@given(_requests, st.integers(min_value=1))
def test_a_request_that_is_cut_off_is_refused(request: HttpRequest, missing: int) -> None:
    whole = _written(request)
    with pytest.raises(BadRequestError):
        _read(whole[: -min(missing, len(whole))])


@given(st.binary(max_size=200))
def test_bytes_that_are_not_a_request_are_refused(data: bytes) -> None:
    with pytest.raises(BadRequestError):
        _read(data + b"\r\n\r\n\r\n" if b"\r\n" in data else data)


@pytest.mark.parametrize(
    "head",
    [
        "POST / HTTP/1.1\r\nContent-Length: -1",
        "POST / HTTP/1.1\r\nContent-Length: many",
        "POST / HTTP/1.1\r\nContent-Length: 1000000",
        "POST / HTTP/1.1\r\nno colon",
        "POST /",
        f"GET /{'a' * 100_000} HTTP/1.1",
    ],
    ids=lambda head: head[:40],
)
def test_a_request_that_makes_no_sense_is_refused(head: str) -> None:
    with pytest.raises(BadRequestError):
        _read(f"{head}\r\n\r\n".encode() + b"body")
