"""The part of the protobuf wire format that the plugin protocol needs.

Source: the encoding page of the Protocol Buffers documentation. Only varints (wire type 0) and
length-delimited fields (wire type 2) occur in `tfplugin5.proto`.
"""

from collections.abc import Iterator, Mapping

FieldValue = int | bytes

_VARINT = 0
_DELIMITED = 2
_CONTINUES = 0x80


class ProtobufError(ValueError):
    """Bytes that are not a protobuf message of the two wire types."""


def encode_field(number: int, value: FieldValue | str) -> bytes:
    """Encode one field; zero, false and empty values are left out, as in proto3."""
    if not value:
        return b""
    if isinstance(value, int):
        return encode_integer(number, value)
    return encode_message(number, value.encode() if isinstance(value, str) else value)


def encode_message(number: int, payload: bytes) -> bytes:
    """Encode one field with a message, string or bytes, even if it is empty."""
    return _varint(number << 3 | _DELIMITED) + _varint(len(payload)) + payload


def encode_integer(number: int, value: int) -> bytes:
    """Encode one field with a non-negative number, even if it is zero."""
    return _varint(number << 3 | _VARINT) + _varint(value)


def parse(message: bytes) -> Mapping[int, FieldValue]:
    """Decode a message to the last value of each field number.

    Raises ProtobufError if the message is cut short or has another wire type.
    """
    return dict(fields(message))


def fields(message: bytes) -> Iterator[tuple[int, FieldValue]]:
    """Yield the fields of a message in order; raises what `parse` raises."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        value, position = _read_varint(message, position)
        if key & 7 == _VARINT:
            yield key >> 3, value
        elif key & 7 == _DELIMITED and position + value <= len(message):
            yield key >> 3, message[position : position + value]
            position += value
        else:
            raise ProtobufError(f"field {key >> 3} has wire type {key & 7} or is cut short")


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= _CONTINUES:
        encoded.append(number & 0x7F | _CONTINUES)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    for at in range(position, len(message)):
        number |= (message[at] & 0x7F) << shift
        if message[at] < _CONTINUES:
            return number, at + 1
        shift += 7
    raise ProtobufError("a number is cut short")
