"""Two regions with so many things each, behind HTTP: generated data for `iot-dr registry diff`.

An emulator searches all its data for each call, and would itself be measured. Here each answer is
generated from the requested name. The arguments are the number of things, and how many of them
differ. The first line of output is the address; the program ends with its standard input.
"""

import asyncio
import json
import re
import sys
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

_CALLER: Final = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>"
    "arn:aws:iam::111111111111:user/benchmark"
    "</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
_REGION: Final = re.compile(rb"Credential=[^/]+/\d+/([\w-]+)/")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_SECOND: Final = "eu-central-1"
_CERTIFICATE: Final = "0" * 64
_PAGE: Final = (("nextToken", "0"), ("maxResults", "250"))


class Lists:
    """The answers of both regions; the first `differing` things have another attribute in one."""

    def __init__(self, things: int, differing: int) -> None:
        self._things = things
        self._differing = differing

    def answer(self, region: str, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        """Return the body of an answer.

        Lists of types, groups, policies and certificates are empty.
        """
        result: dict[str, Any] = {}
        match path.strip("/").split("/"):
            case ["things"]:
                result = self._page(query)
            case ["things", name]:
                result = self._thing(region, name)
            case ["things", name, "shadow"]:
                result = {"state": {"desired": {"n": name}, "reported": {"on": True}}, "version": 1}
            case ["things", _, "thing-groups"]:
                result = {"thingGroups": [{"groupName": "hall-3"}]}
            case ["things", _, "principals-v2"]:
                arn = f"arn:aws:iot:{region}:111111111111:cert/{_CERTIFICATE}"
                result = {"thingPrincipalObjects": [{"principal": arn}]}
            case ["indices", "statistics"]:
                result = {"statistics": {"count": self._things}}
            case ["endpoint"]:
                result = {"endpointAddress": "localhost"}
            case _:
                pass
        return result

    def _page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        begin, size = (int(query.get(name, [first])[0]) for name, first in _PAGE)
        end = min(begin + size, self._things)
        things = [{"thingName": f"sensor-{number}"} for number in range(begin, end)]
        return {"things": things, **({"nextToken": str(end)} if end < self._things else {})}

    def _thing(self, region: str, name: str) -> dict[str, Any]:
        differs = region == _SECOND and int(name.rpartition("-")[2]) < self._differing
        attributes = {"site": "south" if differs else "north", "serial": name}
        return {"thingName": name, "attributes": attributes, "version": 1}


class Connection(asyncio.Protocol):
    """Reads requests from one connection, and answers each."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport for the answers."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer each complete request."""
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, rest = self._read.partition(b"\r\n\r\n")
            result = _LENGTH.search(head)
            length = int(result[1]) if result else 0
            if len(rest) < length:
                return
            self._read = rest[length:]
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        signed_for = _REGION.search(head)
        parts = urlsplit(target)
        if method == "POST" and parts.path == "/":
            body = _CALLER.encode()
        else:
            region = signed_for[1].decode() if signed_for else ""
            result = self._lists.answer(region, parts.path, parse_qs(parts.query))
            body = json.dumps(result).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def serve(lists: Lists) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(lists), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Lists(*map(int, sys.argv[1:]))))
