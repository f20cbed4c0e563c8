from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.packet import (
    ConnAck,
    Disconnect,
    MalformedPacketError,
    Packet,
    Parser,
    PingResp,
    PubAck,
    Publish,
    SubAck,
)

_IDS = st.integers(1, 0xFFFF)
_REASONS = st.integers(0, 0xFF)


def _framed(head: int, body: bytes) -> bytes:
    """Frame a body of less than 128 bytes."""
    return bytes((head, len(body))) + body


def _id(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _written(sent: Packet) -> bytes:
    """Write what a broker sends."""
    match sent:
        case ConnAck(reason):
            return _framed(0x20, bytes((0, reason, 0)))
        case Publish(topic, payload, id_):
            return packet.publish(topic, payload, id_)
        case PubAck(id_, reason):
            # A success may be left out.
            return _framed(0x40, _id(id_) + (bytes((reason,)) if reason else b""))
        case SubAck(id_, reasons):
            return _framed(0x90, _id(id_) + b"\0" + reasons)
        case PingResp():
            return b"\xd0\0"
        case Disconnect(reason):
            return _framed(0xE0, bytes((reason,)) if reason else b"")


_SENT: st.SearchStrategy[Packet] = st.one_of(
    st.builds(ConnAck, reason=_REASONS),
    st.builds(
        Publish,
        topic=st.text(max_size=30),
        payload=st.binary(max_size=400),
        id=st.just(0) | _IDS,
    ),
    st.builds(PubAck, id=_IDS, reason=_REASONS),
    st.builds(SubAck, id=_IDS, reasons=st.binary(min_size=1, max_size=5)),
    st.builds(PingResp),
    st.builds(Disconnect, reason=_REASONS),
)


def _pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]


@given(st.lists(_SENT, max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_packets_are_the_same_however_the_bytes_are_cut(
    sent: list[Packet], cuts: list[int]
) -> None:
    parser = Parser()
    data = b"".join(map(_written, sent))

    results = [each for piece in _pieces(data, cuts) for each in parser.feed(piece)]

    assert results == sent


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_whatever_comes_is_read_or_refused_in_words(data: bytes, cuts: list[int]) -> None:
    parser = Parser()
    try:
        for piece in _pieces(data, cuts):
            parser.feed(piece)
    except MalformedPacketError as error:
        assert str(error)  # noqa: PT017 - most bytes may or may not be an error


@given(_SENT, st.integers(0, 300), st.integers(1, 255))
def test_a_packet_with_one_wrong_byte_never_ends_in_another_error(
    sent: Packet, place: int, change: int
) -> None:
    data = bytearray(_written(sent))
    data[place % len(data)] ^= change
    try:
        Parser().feed(bytes(data))
    except MalformedPacketError as error:
        assert str(error)  # noqa: PT017 - as above


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x30\xff\xff\xff\xff\x01", "packet length of more than four bytes"),
        (b"\x30\xff\xff\x7f", "2097151 bytes; expected at most 65536"),
        (b"\x00", "unexpected packet of type 0"),
        (b"\x10", "unexpected packet of type 1"),
        (b"\x21", "type 2 with flags 1"),
        (b"HTTP/1.1", "type 4 with flags 8"),
        (b"\x20\x01\0", "type 2 with a malformed body of 1 bytes"),
        (b"\x40\x01\0", "type 4 with a malformed body of 1 bytes"),
        (b"\x40\x02\0\0", "packet id 0"),
        (b"\x90\x03\0\x01\x05", "type 9 with a malformed body of 3 bytes"),
        (b"\x30\x02\0\x05", "type 3 with a malformed body of 2 bytes"),
        (b"\x30\x04\0\x01\xff\0", "type 3 with a malformed body of 4 bytes"),
        (b"\x34\x06\0\x01a\0\x01\0", "message with QoS 2"),
    ],
)
def test_malformed_packets_are_distinguished(data: bytes, why: str) -> None:
    with pytest.raises(MalformedPacketError, match=why):
        Parser().feed(data)


def test_a_packet_that_claims_too_much_is_refused_before_it_is_there() -> None:
    with pytest.raises(MalformedPacketError, match="expected at most"):
        Parser().feed(b"\x30\xff\xff\xff\x7f")


def test_properties_of_a_message_are_ignored() -> None:
    # A topic alias, 0x23, of 1.
    body = b"\0\x01a" + b"\x03\x23\0\x01" + b"payload"

    assert Parser().feed(_framed(0x30, body)) == [Publish("a", b"payload", 0)]


def test_a_message_that_is_sent_again_says_so() -> None:
    first = packet.publish("a", b"b", 7)
    again = packet.publish("a", b"b", 7, again=True)

    assert first[0] == 0x32
    assert again[0] == 0x3A
    assert first[1:] == again[1:]


def test_reasons_have_the_standard_s_names() -> None:
    assert packet.reason_name(0x87) == "not authorized"
    assert packet.reason_name(0x9F) == "reason 0x9f"
    assert packet.is_failure(0x87)
    assert not packet.is_failure(0x10)  # no matching subscribers
