"""The MQTT packets of a client that AWS IoT authorizes, and the answers that refuse them.

MQTT 3.1.1 and 5: docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html and
docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html.
"""

import struct
from dataclasses import dataclass
from typing import Final

from iot_dr.drill.fleet.packet import WORD, MalformedPacketError, after_properties

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
"""Types of the packets, the upper half of their first byte."""

_MQTT_5: Final = 5
# Reason "not authorized" of MQTT 5; MQTT 3.1.1 has 5 in CONNACK and 128 in SUBACK.
_NOT_AUTHORIZED: Final = 0x87


@dataclass(frozen=True, slots=True)
class ConnectPacket:
    """CONNECT: the protocol level, 4 for MQTT 3.1.1, and the client id."""

    level: int
    client_id: str

    @property
    def has_properties(self) -> bool:
        """Whether packets of this connection have properties."""
        return self.level >= _MQTT_5

    def refusal(self) -> bytes:
        """Return the CONNACK that refuses the client as not authorized."""
        if self.has_properties:
            return bytes((0x20, 3, 0, _NOT_AUTHORIZED, 0))
        return bytes((0x20, 2, 0, 5))

    def goodbye(self) -> bytes:
        """Return the DISCONNECT before a connection is closed as not authorized, if it has one."""
        return bytes((0xE0, 2, _NOT_AUTHORIZED, 0)) if self.has_properties else b""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """SUBSCRIBE: its packet id and its topic filters."""

    id: int
    filters: tuple[str, ...]

    def refusal(self, connect: ConnectPacket) -> bytes:
        """Return the SUBACK that refuses every topic filter."""
        head = WORD.pack(self.id) + (b"\0" if connect.has_properties else b"")
        reason = _NOT_AUTHORIZED if connect.has_properties else 0x80
        body = head + bytes((reason,)) * len(self.filters)
        return bytes((0x90, len(body))) + body


def read_connect(body: bytes) -> ConnectPacket:
    """Read the body of a CONNECT; raises MalformedPacketError."""
    try:
        _, at = _string(body, 0)
        level = body[at]
        # Level, flags and keep-alive.
        at += 4
        if level >= _MQTT_5:
            at = after_properties(body, at)
        client_id, _ = _string(body, at)
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise MalformedPacketError("malformed CONNECT") from error
    return ConnectPacket(level, client_id)


def read_topic(body: bytes) -> str:
    """Read the topic in the body of a PUBLISH; raises MalformedPacketError.

    A topic alias instead of a topic is refused, as nothing of the drill uses one.
    """
    try:
        topic, _ = _string(body, 0)
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise MalformedPacketError("malformed PUBLISH") from error
    if not topic:
        raise MalformedPacketError("PUBLISH without a topic")
    return topic


def read_subscribe(body: bytes, connect: ConnectPacket) -> Subscribe:
    """Read the body of a SUBSCRIBE; raises MalformedPacketError."""
    filters: list[str] = []
    try:
        (id_,) = WORD.unpack_from(body)
        at = after_properties(body, WORD.size) if connect.has_properties else WORD.size
        while at < len(body):
            topic_filter, at = _string(body, at)
            filters.append(topic_filter)
            # The subscription's options.
            at += 1
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise MalformedPacketError("malformed SUBSCRIBE") from error
    return Subscribe(id_, tuple(filters))


def _string(body: bytes, at: int) -> tuple[str, int]:
    """Return a string and where it ends."""
    (size,) = WORD.unpack_from(body, at)
    begin = at + WORD.size
    if begin + size > len(body):
        raise IndexError
    return body[begin : begin + size].decode(), begin + size
