"""Requests and responses of plugin protocol 5 as dictionaries.

Source of names and field numbers: `tfplugin5.proto` in Terraform's documentation of its plugin
protocol. Values, diagnostics and paths are converted; everything else passes as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iot_dr.terraform.standin.values import Value, decode_value, encode_path, encode_value
from iot_dr.terraform.standin.wire import FieldValue, encode_field, encode_message, parse

_VALUES = frozenset(
    (
        *("config", "prior_state", "proposed_new_state", "planned_state", "current_state"),
        *("new_state", "state", "prepared_config", "upgraded_state"),
    )
)
_TEXTS = frozenset(("type_name", "id"))
_RAW_JSON = 1


@dataclass(frozen=True, slots=True)
class Method:
    """A call of the protocol: request fields by number, and numbers of response fields by name."""

    request: Mapping[int, str]
    response: Mapping[str, int]


METHODS: Mapping[str, Method] = {
    "PrepareProviderConfig": Method({1: "config"}, {"prepared_config": 1, "diagnostics": 2}),
    "Configure": Method({2: "config"}, {"diagnostics": 1}),
    "ValidateResourceTypeConfig": Method({1: "type_name", 2: "config"}, {"diagnostics": 1}),
    "ValidateDataSourceConfig": Method({1: "type_name", 2: "config"}, {"diagnostics": 1}),
    "UpgradeResourceState": Method(
        {1: "type_name", 3: "raw_state"}, {"upgraded_state": 1, "diagnostics": 2}
    ),
    "ReadResource": Method(
        {1: "type_name", 2: "current_state", 3: "private"},
        {"new_state": 1, "diagnostics": 2, "private": 3},
    ),
    "PlanResourceChange": Method(
        {1: "type_name", 2: "prior_state", 3: "proposed_new_state", 4: "config", 5: "private"},
        {
            "planned_state": 1,
            "requires_replace": 2,
            "private": 3,
            "diagnostics": 4,
            "legacy_type_system": 5,
        },
    ),
    "ApplyResourceChange": Method(
        {1: "type_name", 2: "prior_state", 3: "planned_state", 5: "private"},
        {"new_state": 1, "private": 2, "diagnostics": 3, "legacy_type_system": 4},
    ),
    "ImportResourceState": Method({1: "type_name", 2: "id"}, {"imported": 1, "diagnostics": 2}),
    "ReadDataSource": Method({1: "type_name", 2: "config"}, {"state": 1, "diagnostics": 2}),
    "Stop": Method({}, {}),
}
"""The calls that the stand-in answers, besides `GetSchema`; Terraform manages without others."""


def decode_request(method: str, message: bytes) -> dict[str, Any]:
    """Decode a request; fields that the stand-in does not need are dropped.

    Raises ProtobufError if the message is not protobuf.
    """
    fields = parse(message)
    return {
        name: _decode(name, fields.get(number, b""))
        for number, name in METHODS[method].request.items()
    }


def encode_response(method: str, response: Mapping[str, Any]) -> bytes:
    """Encode a response; a null value is written as null, a missing one not at all."""
    numbers = METHODS[method].response
    return b"".join(_encode(numbers[name], name, value) for name, value in response.items())


def _decode(name: str, value: FieldValue) -> object:
    if not isinstance(value, bytes):
        return value
    if name in _VALUES:
        return decode_value(value)
    if name == "raw_state":
        return parse(value).get(_RAW_JSON, b"")
    return value.decode() if name in _TEXTS else value


def _encode(number: int, name: str, value: Value) -> bytes:
    if name in _VALUES:
        return encode_message(number, encode_value(value))
    if name == "diagnostics":
        return _repeated(number, [problem.encode() for problem in value])
    if name == "requires_replace":
        return _repeated(number, [encode_path(path) for path in value])
    if name == "imported":
        type_name, state, private = value
        resource = (
            encode_field(1, type_name)
            + encode_message(2, encode_value(state))
            + encode_field(3, private)
        )
        return encode_message(number, resource)
    return encode_field(number, value)


def _repeated(number: int, messages: Sequence[bytes]) -> bytes:
    return b"".join(encode_message(number, message) for message in messages)
