"""What is read from a record of the stream, and what is refused."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.telemetry.message import DeviceMessage, UnwritableRecordError
from tests.functions.telemetry.stream import payload, sequence

NAMES = st.from_regex(r"[a-zA-Z0-9:_-]{1,128}", fullmatch=True)
TIMES = st.integers(1, 10**15 - 1)
STATES = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


def read(device: object = "sensor-1", state: object = None, received: object = 1) -> DeviceMessage:
    return DeviceMessage.read(
        payload(device, {} if state is None else state, received), sequence(0)
    )


@given(NAMES, STATES, TIMES)
def test_a_state_is_kept_as_it_came(device: str, state: dict[str, Any], received: int) -> None:
    text = json.dumps(state, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    message = read(device, text, received)
    assert (message.payload, message.is_object) == (text, True)
    assert (message.device, message.received) == (device, received)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for record_data in (data, payload("sensor-1", data, 1)):
        with suppress(UnwritableRecordError):
            assert DeviceMessage.read(record_data, sequence(0)).device


@given(st.tuples(TIMES, st.integers(0, 10**120)), st.tuples(TIMES, st.integers(0, 10**120)))
def test_messages_sort_by_time_of_receipt_and_then_by_sequence(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    orders = [
        DeviceMessage.read(payload("sensor-1", {}, received), str(number)).order
        for received, number in (one, other)
    ]
    assert (orders[0] < orders[1]) is (one < other)
    assert (orders[0] == orders[1]) is (one == other)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the record is not a JSON object"),
        (b"\xff", "the record is not a JSON object"),
        (b"[" * 100_000, "the record is not a JSON object"),
        (b"[]", "the record is not a JSON object"),
        (b"{}", "the record has no device"),
        (payload(1, {}, 1), "the record has no device"),
        (payload("", {}, 1), "the record has no device"),
        (payload("a", {}, None), "no time of receipt"),
        (payload("a", {}, "1"), "no time of receipt"),
        (payload("a", {}, 1.5), "no time of receipt"),
        (payload("a", {}, True), "no time of receipt"),
        (payload("a", {}, 0), "no time of receipt"),
        (payload("a", {}, 10**15), "no time of receipt"),
        (b'{"device": "a", "received": 1}', "the record has no payload"),
        (b'{"device": "a", "received": 1, "payload": "!"}', "the payload is not base64"),
        (b'{"device": "a", "received": 1, "payload": "\xc3\xa4"}', "the payload is not base64"),
        (b'{"device": "a", "received": 1, "payload": "", "topic": 1}', "the topic is not a string"),
        (payload("a", b" " * 400_000 + b"{}", 1), "the payload has 400002 bytes"),
    ],
)
def test_what_can_never_be_written_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnwritableRecordError, match=reason):
        DeviceMessage.read(data, sequence(0))


@pytest.mark.parametrize(
    ("state", "claims"),
    [
        ({}, {}),
        ({"sequence": 7, "time": "3 am"}, {"sequence": "7", "time": "3 am"}),
        ({"sequence": "7a", "time": 1764126000.5}, {"sequence": "7a", "time": "1764126000.5"}),
        ({"sequence": 10**50, "time": -1}, {"sequence": str(10**50), "time": "-1"}),
        ({"sequence": 10**70, "time": "x" * 65}, {}),
        ({"sequence": True, "time": None}, {}),
        ({"sequence": [1], "time": ""}, {}),
    ],
)  # fmt: skip
def test_what_a_device_says_of_its_sequence_and_time_is_kept_as_text(
    state: dict[str, Any], claims: dict[str, str]
) -> None:
    expected = {f"device_{name}": text for name, text in claims.items()}
    assert read(state=state).claims == expected
