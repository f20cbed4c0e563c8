"""A device's message, as the topic rule puts it into the stream."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

# The pattern of thing names: docs.aws.amazon.com/iot/latest/apireference/API_CreateThing.html
_DEVICE = re.compile(r"[a-zA-Z0-9:_-]{1,128}")
# Bytes. A DynamoDB item has at most 400 KB, attribute names included; 10 KB are for the others.
# docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_MAX_STATE = 390 * 1024
# Characters. A longer sequence or time of a device is left out: the state has it anyway.
_MAX_CLAIM = 64
_MAX_MILLISECONDS = 10**15
# The maximum length of SequenceNumber, a decimal number without leading zeros, in
# docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html
_SEQUENCE_DIGITS = 129


class RefusedError(Exception):
    """A record that can never be written, however often it is retried; the message says why."""


@dataclass(frozen=True, kw_only=True)
class DeviceMessage:
    """A device, its state as JSON text, and the time at which the broker received it.

    `received` is in milliseconds since 1970, `sequence` is the record's sequence number in Kinesis.
    `claims` are the sequence and time that the device states. They are stored but decide nothing:
    both may be wrong by years.
    """

    device: str
    state: str
    received: int
    sequence: str
    claims: Mapping[str, str]

    @property
    def order(self) -> str:
        """The sort key of messages: the time of receipt, then the sequence number in the stream."""
        return f"{self.received:015d}-{self.sequence:0>{_SEQUENCE_DIGITS}}"

    @classmethod
    def read(cls, data: bytes, sequence: str) -> "DeviceMessage":
        """Parse the data of a record.

        Raises RefusedError if it is malformed or too large for an item.
        """
        fields = _object(data, "the record")
        device, received, payload = (fields.get(name) for name in ("device", "received", "payload"))
        if not isinstance(device, str) or not _DEVICE.fullmatch(device):
            raise RefusedError("the record has no device")
        if type(received) is not int or not 0 < received < _MAX_MILLISECONDS:
            raise RefusedError("the record has no time of receipt in milliseconds")
        if not isinstance(payload, str):
            raise RefusedError("the record has no payload")
        text = _decoded(payload)
        if len(text) > _MAX_STATE:
            raise RefusedError(f"the state has {len(text)} bytes; an item takes {_MAX_STATE}")
        state = _object(text, "the state")
        return cls(
            device=device,
            state=text.decode(),
            received=received,
            sequence=sequence,
            claims=_claims(state),
        )


def _decoded(payload: str) -> bytes:
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("the payload is not base64") from None


def _object(text: bytes, what: str) -> Mapping[str, Any]:
    try:
        parsed: object = json.loads(text.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RefusedError(f"{what} is not JSON") from None
    if not isinstance(parsed, dict):
        raise RefusedError(f"{what} is not a JSON object")
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
