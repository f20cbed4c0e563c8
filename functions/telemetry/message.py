"""A device's message, as the topic rule puts it into the stream."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

# Bytes. A DynamoDB item has at most 400 KB, attribute names included; 10 KB are for the others.
# docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_MAX_PAYLOAD = 390 * 1024
# Characters. A longer sequence or time of a device is left out: the state has it anyway.
_MAX_CLAIM = 64
_MAX_MILLISECONDS = 10**15
# The maximum length of SequenceNumber, a decimal number without leading zeros, in
# docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html
_SEQUENCE_DIGITS = 129


class UnwritableRecordError(Exception):
    """A record that can never be written, however often it is retried; the message says why."""


@dataclass(frozen=True, kw_only=True)
class DeviceMessage:
    """A device, what it sent and the time at which the broker received it.

    `topic` has the levels of the topic behind the device, as in `up/gps`; it is empty for a record
    of an older release, whose rule did not select it. `is_object` says that the payload is a JSON
    object. `received` is in milliseconds since 1970, `sequence` is the record's sequence number in
    Kinesis. `claims` are the sequence and time that the device states. They are stored but decide
    nothing: both may be wrong by years.
    """

    device: str
    topic: str
    payload: bytes
    is_object: bool
    received: int
    sequence: str
    claims: Mapping[str, str]

    @property
    def order(self) -> str:
        """The sort key of messages: the time of receipt, then the sequence number in the stream."""
        return f"{self.received:015d}-{self.sequence:0>{_SEQUENCE_DIGITS}}"

    @classmethod
    def read(cls, data: bytes, sequence: str) -> "DeviceMessage":
        """Parse the data of a record; the payload may be anything.

        Raises UnwritableRecordError if it is not from the topic rule, or too large for an item.
        """
        try:
            fields = _object(data)
        except ValueError:
            raise UnwritableRecordError("the record is not a JSON object") from None
        names = ("device", "topic", "received", "payload")
        device, topic, received, payload = (fields.get(name) for name in names)
        if not isinstance(device, str) or not device:
            raise UnwritableRecordError("the record has no device")
        if not isinstance(topic, str | None):
            raise UnwritableRecordError("the topic is not a string")
        if type(received) is not int or not 0 < received < _MAX_MILLISECONDS:
            raise UnwritableRecordError("the record has no time of receipt in milliseconds")
        if not isinstance(payload, str):
            raise UnwritableRecordError("the record has no payload")
        content = _decoded(payload)
        if len(content) > _MAX_PAYLOAD:
            raise UnwritableRecordError(
                f"the payload has {len(content)} bytes; an item takes {_MAX_PAYLOAD}"
            )
        state = _state(content)
        return cls(
            device=device,
            topic="/".join((topic or "").split("/")[2:]),
            payload=content,
            is_object=state is not None,
            received=received,
            sequence=sequence,
            claims=_claims(state or {}),
        )


def _decoded(payload: str) -> bytes:
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise UnwritableRecordError("the payload is not base64") from None


def _state(payload: bytes) -> Mapping[str, Any] | None:
    try:
        return _object(payload)
    except ValueError:
        return None


def _object(text: bytes) -> Mapping[str, Any]:
    """Parse a JSON object; raises ValueError for anything else, as for a depth of thousands."""
    try:
        parsed: object = json.loads(text.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError from None
    if not isinstance(parsed, dict):
        raise ValueError
    return cast("dict[str, Any]", parsed)


def _refuse_constant(name: str) -> NoReturn:
    # Python's json accepts NaN and Infinity, which are not JSON (RFC 8259).
    raise ValueError(name)


def _is_unicode(text: str) -> bool:
    """Whether a string can be encoded as UTF-8: JSON may contain lone surrogates, which cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _claims(state: Mapping[str, Any]) -> dict[str, str]:
    claims: dict[str, str] = {}
    for name in ("sequence", "time"):
        value = state.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            # As a string, because a DynamoDB number has only 38 digits:
            # docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
            text = value if isinstance(value, str) else json.dumps(value)
            if 0 < len(text) <= _MAX_CLAIM and _is_unicode(text):
                claims[f"device_{name}"] = text
    return claims
