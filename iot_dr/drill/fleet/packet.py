"""As much of MQTT 5 as devices and their consumers need: packets out of bytes, and back.

Source: docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# More than anything that the drill sends; what claims to be longer is refused before it is read.
LONGEST: Final = 64 * 1024

# A thing's name holds no slash, so no device has one that begins so.
LOCAL_CLIENT: Final = "drill/"
"""What ids of clients begin with that come to a broker by its plain port: the drill's own."""

SUCCESS: Final = 0x00
# What the standard calls the reasons that a drill meets; all others are told by their number.
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
_WORD: Final = struct.Struct("!H")

PINGREQ: Final = bytes((_PINGREQ << 4, 0))
DISCONNECT: Final = bytes((_DISCONNECT << 4, 0))


class MalformedPacketError(Exception):
    """What came is not the MQTT that is spoken here; the message says in what."""


@dataclass(frozen=True, slots=True)
class ConnAck:
    """The answer to CONNECT."""

    reason: int


@dataclass(frozen=True, slots=True)
class Publish:
    """A message; `id` is 0 for QoS 0."""

    topic: str
    payload: bytes
    id: int


@dataclass(frozen=True, slots=True)
class PubAck:
    """The answer to a message of QoS 1."""

    id: int
    reason: int


@dataclass(frozen=True, slots=True)
class SubAck:
    """The answer to SUBSCRIBE: a reason for each topic filter."""

    id: int
    reasons: bytes


@dataclass(frozen=True, slots=True)
class PingResp:
    """The answer to PINGREQ."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The other side ends the link."""

    reason: int


Packet = ConnAck | Publish | PubAck | SubAck | PingResp | Disconnect


def is_failure(reason: int) -> bool:
    """Whether a reason says that it did not work."""
    return reason >= _FAILURE


def reason_name(reason: int) -> str:
    """Return the standard's words for a reason."""
    return REASONS.get(reason, f"reason {reason:#04x}")


def connect(client_id: str, keep_alive: int) -> bytes:
    """Ask for a session without a past; `keep_alive` is in seconds of the wire, 0 for none."""
    fixed = _string("MQTT") + bytes((5, _CLEAN_START)) + _WORD.pack(keep_alive) + b"\0"
    return _framed(_CONNECT << 4, fixed + _string(client_id))


def publish(topic: str, payload: bytes, id_: int = 0, *, again: bool = False) -> bytes:
    """Send a message: of QoS 0 without an id, else of QoS 1, perhaps not for the first time."""
    flags = (2 if id_ else 0) | (_AGAIN if again else 0)
    named = _WORD.pack(id_) if id_ else b""
    return _framed(_PUBLISH << 4 | flags, _string(topic) + named + b"\0" + payload)


def subscribe(topic_filter: str, id_: int) -> bytes:
    """Ask for the messages of a topic filter, of QoS 0."""
    return _framed(_SUBSCRIBE << 4 | 2, _WORD.pack(id_) + b"\0" + _string(topic_filter) + b"\0")


class Parser:
    """Puts packets together from bytes as they come, whatever the pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Packet]:
        """Take more bytes and give the packets that they complete.

        Raises MalformedPacketError, after which the link is good for nothing.
        """
        data = self._rest + data if self._rest else data
        found: list[Packet] = []
        at = 0
        while (span := _span(data, at)) is not None:
            begin, end = span
            found.append(_read(data[at], data[begin:end]))
            at = end
        self._rest = data[at:]
        return found


def _string(text: str) -> bytes:
    encoded = text.encode()
    return _WORD.pack(len(encoded)) + encoded


def _framed(head: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, _CONTINUED)
        length.append(digit | (_CONTINUED if size else 0))
        if not size:
            return bytes((head, *length)) + body


def _span(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where a packet's body begins and ends; None as long as not all of it is there."""
    if len(data) <= at:
        return None
    _refuse_unknown(data[at])
    length = _variable(data, at + 1)
    if length is None:
        return None
    size, begin = length
    if size > LONGEST:
        message = f"a packet of {size} bytes came, and {LONGEST} is the most"
        raise MalformedPacketError(message)
    end = begin + size
    return (begin, end) if end <= len(data) else None


def _variable(data: bytes, at: int) -> tuple[int, int] | None:
    """Read a variable byte integer: its value and where it ends."""
    value = 0
    for place in range(_LONGEST_LENGTH):
        if at + place >= len(data):
            return None
        digit = data[at + place]
        value |= (digit & ~_CONTINUED) << 7 * place
        if not digit & _CONTINUED:
            return value, at + place + 1
    message = "a length of more than four bytes came"
    raise MalformedPacketError(message)


def _refuse_unknown(head: int) -> None:
    """Raise for a first byte with which nothing begins that a broker sends here."""
    kind, flags = head >> 4, head & 0x0F
    if kind not in _FROM_BROKER:
        message = f"a packet of type {kind} came, which no broker sends here"
        raise MalformedPacketError(message)
    if flags and kind != _PUBLISH:
        message = f"a packet of type {kind} came with flags {flags}"
        raise MalformedPacketError(message)


def _read(head: int, body: bytes) -> Packet:
    kind = head >> 4
    try:
        return _FROM_BROKER[kind](head, body)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        message = f"a packet of type {kind} came with {len(body)} bytes that make no sense"
        raise MalformedPacketError(message) from error


def _published(head: int, body: bytes) -> Publish:
    (size,) = _WORD.unpack_from(body)
    at = _WORD.size + size
    if at > len(body):
        raise IndexError
    topic = body[_WORD.size : at].decode()
    quality = head >> 1 & 3
    if quality > 1:
        message = f"a message of QoS {quality} came, and nobody here asks for any"
        raise MalformedPacketError(message)
    id_ = _id(body, at) if quality else 0
    at = _after_properties(body, at + (_WORD.size if quality else 0))
    return Publish(topic, body[at:], id_)


def _id(body: bytes, at: int) -> int:
    (found,) = _WORD.unpack_from(body, at)
    if not found:
        message = "a packet came with the id 0"
        raise MalformedPacketError(message)
    return found


def _after_properties(body: bytes, at: int) -> int:
    length = _variable(body, at)
    if length is None or sum(length) > len(body):
        raise IndexError
    return sum(length)


def _acknowledged(_head: int, body: bytes) -> PubAck:
    return PubAck(_id(body, 0), body[_WORD.size] if len(body) > _WORD.size else SUCCESS)


_FROM_BROKER: Final[dict[int, Callable[[int, bytes], Packet]]] = {
    _CONNACK: lambda _, body: ConnAck(body[1]),
    _PUBLISH: _published,
    _PUBACK: _acknowledged,
    _SUBACK: lambda _, body: SubAck(_id(body, 0), body[_after_properties(body, _WORD.size) :]),
    _PINGRESP: lambda _, __: PingResp(),
    _DISCONNECT: lambda _, body: Disconnect(body[0] if body else SUCCESS),
}
