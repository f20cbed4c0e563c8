"""What a device said, as a record of the stream holds it."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

# As a thing's name: docs.aws.amazon.com/iot/latest/apireference/API_CreateThing.html
_DEVICE = re.compile(r"[a-zA-Z0-9:_-]{1,128}")
# An item of DynamoDB has 400 KB, names of attributes and all else in it included.
_LONGEST_STATE = 390 * 1024
# What a device calls its own sequence or time is short; the whole of it is in the state.
_LONGEST_CLAIM = 64
_LATEST = 10**15
# Of a sequence number of Kinesis: docs.aws.amazon.com/kinesis/latest/APIReference/API_Record.html
_MOST_DIGITS = 129


class RefusedError(Exception):
    """A record that can never be written, whoever tries again; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A device, its state as JSON text, and when the broker received it.

    `received` is in milliseconds, `sequence` the stream's. `claims` are what the device itself says
    of its sequence and its time: neither decides anything, as both may be wrong by years.
    """

    device: str
    state: str
    received: int
    sequence: str
    claims: Mapping[str, str]

    @property
    def order(self) -> str:
        """Text that sorts as messages do: by time of receipt, then by the stream's sequence."""
        return f"{self.received:015d}-{self.sequence:0>{_MOST_DIGITS}}"

    @classmethod
    def read(cls, data: bytes, sequence: str) -> "Message":
        """Read a record's data, as the topic rule made it; raises RefusedError."""
        told = _object(data, "the record")
        device, received, payload = (told.get(name) for name in ("device", "received", "payload"))
        if not isinstance(device, str) or not _DEVICE.fullmatch(device):
            raise RefusedError("the record names no device")
        if type(received) is not int or not 0 < received < _LATEST:
            raise RefusedError("the record has no time of receipt in milliseconds")
        if not isinstance(payload, str):
            raise RefusedError("the record has no payload")
        text = _decoded(payload)
        if len(text) > _LONGEST_STATE:
            raise RefusedError(f"the state has {len(text)} bytes; an item takes {_LONGEST_STATE}")
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
        raise RefusedError("the payload is no base64") from None


def _object(text: bytes, what: str) -> Mapping[str, Any]:
    try:
        found: object = json.loads(text.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RefusedError(f"{what} is no JSON") from None
    if not isinstance(found, dict):
        raise RefusedError(f"{what} is no JSON object")
    return cast("dict[str, Any]", found)


def _no_number(name: str) -> NoReturn:
    # Python takes NaN and Infinity, which nobody else reads as JSON.
    raise ValueError(name)


def _is_unicode(text: str) -> bool:
    """Tell whether a text can be sent: JSON may name halves of characters, which UTF-8 has not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _claims(state: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("sequence", "time"):
        value = state.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            # A number may have more digits than DynamoDB keeps.
            text = value if isinstance(value, str) else json.dumps(value)
            if 0 < len(text) <= _LONGEST_CLAIM and _is_unicode(text):
                found[f"device_{name}"] = text
    return found
