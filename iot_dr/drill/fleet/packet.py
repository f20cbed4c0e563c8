"""Encoding and parsing of the MQTT 5 packets that devices and consumers use.

Source: docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

# Longer packets are refused before they are read; the drill sends none.
LONGEST: Final = 64 * 1024

# A thing's name has no slash, so no device's client id has this prefix.
LOCAL_CLIENT: Final = "drill/"
"""Prefix of the ids of the drill's own clients, which use a broker's plain port."""

SUCCESS: Final = 0x00
# The standard's names of the reason codes that a drill meets; others are shown as numbers.
REASONS: Final = {
    0x00: "success",
    0x04: "disconnect with will",
    0x10: "no matching subscribers",
    0x80: "unspecified error",
    0x82: "protocol error",
    0x85: "client identifier not valid",
    0x86: "bad user name or password",
    0x87: "not authorized",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8B: "server shutting down",
    0x8D: "keep alive timeout",
    0x8E: "session taken over",
    0x97: "quota exceeded",
}

_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE, _SUBACK = 1, 2, 3, 4, 8, 9
_PINGREQ, _PINGRESP, _DISCONNECT = 12, 13, 14
_FAILURE: Final = 0x80
_CLEAN_START: Final = 0x02
_AGAIN: Final = 0x08
_CONTINUED: Final = 0x80
_LONGEST_LENGTH: Final = 4
WORD: Final = struct.Struct("!H")

PINGREQ: Final = bytes((_PINGREQ << 4, 0))
DISCONNECT: Final = bytes((_DISCONNECT << 4, 0))


class MalformedPacketError(Exception):
    """Received bytes are not an expected MQTT packet; the message says why."""


@dataclass(frozen=True, slots=True)
class ConnAck:
    """CONNACK, the answer to CONNECT."""

    reason: int


@dataclass(frozen=True, slots=True)
class Publish:
    """PUBLISH, a message; `id` is 0 for QoS 0."""

    topic: str
    payload: bytes
    id: int


@dataclass(frozen=True, slots=True)
class PubAck:
    """PUBACK, the answer to a message with QoS 1."""

    id: int
    reason: int


@dataclass(frozen=True, slots=True)
class SubAck:
    """SUBACK, the answer to SUBSCRIBE, with a reason for each topic filter."""

    id: int
    reasons: bytes


@dataclass(frozen=True, slots=True)
class PingResp:
    """PINGRESP, the answer to PINGREQ."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """DISCONNECT: the broker ends the link."""

    reason: int


Packet = ConnAck | Publish | PubAck | SubAck | PingResp | Disconnect


def is_failure(reason: int) -> bool:
    """Whether a reason code is a failure."""
    return reason >= _FAILURE


def reason_name(reason: int) -> str:
    """Return the standard's name of a reason code, or its number if REASONS does not have it."""
    return REASONS.get(reason, f"reason {reason:#04x}")


def connect(client_id: str, keep_alive: int) -> bytes:
    """Return a CONNECT packet with a clean start; `keep_alive` is in seconds, 0 for none."""
    fixed = _string("MQTT") + bytes((5, _CLEAN_START)) + WORD.pack(keep_alive) + b"\0"
    return _framed(_CONNECT << 4, fixed + _string(client_id))


def publish(topic: str, payload: bytes, id_: int = 0, *, again: bool = False) -> bytes:
    """Return a PUBLISH packet: QoS 0 without an id, else QoS 1; `again` sets the DUP flag."""
    flags = (2 if id_ else 0) | (_AGAIN if again else 0)
    named = WORD.pack(id_) if id_ else b""
    return _framed(_PUBLISH << 4 | flags, _string(topic) + named + b"\0" + payload)


def subscribe(topic_filter: str, id_: int) -> bytes:
    """Return a SUBSCRIBE packet for a topic filter, with QoS 0."""
    return _framed(_SUBSCRIBE << 4 | 2, WORD.pack(id_) + b"\0" + _string(topic_filter) + b"\0")


class Frames:
    """Incremental framing: splits received bytes into packets, which it does not interpret.

    `check` receives the first byte of each packet, and may raise MalformedPacketError.
    """

    def __init__(self, check: Callable[[int], None] = lambda _head: None) -> None:
        self._rest = b""
        self._check = check

    def feed(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield each packet that these bytes complete, and where its body begins.

        Raises MalformedPacketError; the link cannot be used after it.
        """
        data = self._rest + data if self._rest else data
        at = 0
        while (span := self._span(data, at)) is not None:
            begin, end = span
            yield data[at:end], begin - at
            at = end
        self._rest = data[at:]

    def _span(self, data: bytes, at: int) -> tuple[int, int] | None:
        """Return where a packet's body begins and ends; None while it is incomplete.

        Raises MalformedPacketError for a packet that is too long.
        """
        if len(data) <= at:
            return None
        self._check(data[at])
        length = _variable(data, at + 1)
        if length is None:
            return None
        size, begin = length
        if size > LONGEST:
            message = f"packet of {size} bytes; expected at most {LONGEST}"
            raise MalformedPacketError(message)
        end = begin + size
        return (begin, end) if end <= len(data) else None


class Parser:
    """Incremental parser of a broker's packets."""

    def __init__(self) -> None:
        self._frames = Frames(_refuse_unknown)

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that these bytes complete.

        Raises MalformedPacketError; the link cannot be used after it.
        """
        return [_read(raw[0], raw[begin:]) for raw, begin in self._frames.feed(data)]


def _string(text: str) -> bytes:
    encoded = text.encode()
    return WORD.pack(len(encoded)) + encoded


def _framed(head: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, _CONTINUED)
        length.append(digit | (_CONTINUED if size else 0))
        if not size:
            return bytes((head, *length)) + body


def _variable(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the value of a variable byte integer and where it ends; None while incomplete.

    Raises MalformedPacketError for more than four bytes.
    """
    value = 0
    for place in range(_LONGEST_LENGTH):
        if at + place >= len(data):
            return None
        digit = data[at + place]
        value |= (digit & ~_CONTINUED) << 7 * place
        if not digit & _CONTINUED:
            return value, at + place + 1
    message = "packet length of more than four bytes"
    raise MalformedPacketError(message)


def _refuse_unknown(head: int) -> None:
    """Raise MalformedPacketError for a first byte that no packet of a broker has."""
    kind, flags = head >> 4, head & 0x0F
    if kind not in _FROM_BROKER:
        message = f"unexpected packet of type {kind}"
        raise MalformedPacketError(message)
    if flags and kind != _PUBLISH:
        message = f"packet of type {kind} with flags {flags}; expected 0"
        raise MalformedPacketError(message)


def _read(head: int, body: bytes) -> Packet:
    kind = head >> 4
    try:
        return _FROM_BROKER[kind](head, body)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        message = f"packet of type {kind} with a malformed body of {len(body)} bytes"
        raise MalformedPacketError(message) from error


def _published(head: int, body: bytes) -> Publish:
    (size,) = WORD.unpack_from(body)
    at = WORD.size + size
    if at > len(body):
        raise IndexError
    topic = body[WORD.size : at].decode()
    quality = head >> 1 & 3
    if quality > 1:
        message = f"message with QoS {quality}; expected 0 or 1"
        raise MalformedPacketError(message)
    id_ = _id(body, at) if quality else 0
    at = after_properties(body, at + (WORD.size if quality else 0))
    return Publish(topic, body[at:], id_)


def _id(body: bytes, at: int) -> int:
    (id_,) = WORD.unpack_from(body, at)
    if not id_:
        message = "packet id 0; expected 1 to 65535"
        raise MalformedPacketError(message)
    return id_


def after_properties(body: bytes, at: int) -> int:
    """Return where the properties end that begin at `at`; raises IndexError if incomplete."""
    length = _variable(body, at)
    if length is None or sum(length) > len(body):
        raise IndexError
    return sum(length)


def _acknowledged(_head: int, body: bytes) -> PubAck:
    return PubAck(_id(body, 0), body[WORD.size] if len(body) > WORD.size else SUCCESS)


_FROM_BROKER: Final[dict[int, Callable[[int, bytes], Packet]]] = {
    _CONNACK: lambda _, body: ConnAck(body[1]),
    _PUBLISH: _published,
    _PUBACK: _acknowledged,
    _SUBACK: lambda _, body: SubAck(_id(body, 0), body[after_properties(body, WORD.size) :]),
    _PINGRESP: lambda _, __: PingResp(),
    _DISCONNECT: lambda _, body: Disconnect(body[0] if body else SUCCESS),
}
