import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.standin.wire import (
    ProtobufError,
    encode_field,
    encode_integer,
    encode_message,
    parse,
)

NUMBERS = st.integers(1, 2**29 - 1)
VALUES = st.integers(0, 2**64 - 1) | st.binary(max_size=300)


def encode(number: int, value: int | bytes) -> bytes:
    return (
        encode_integer(number, value) if isinstance(value, int) else encode_message(number, value)
    )


@given(st.dictionaries(NUMBERS, VALUES))
def test_what_is_written_is_read_back(fields: dict[int, int | bytes]) -> None:
    message = b"".join(encode(number, value) for number, value in fields.items())
    assert parse(message) == fields


@given(NUMBERS, st.binary(min_size=1))
def test_a_message_cut_short_is_refused(number: int, payload: bytes) -> None:
    with pytest.raises(ProtobufError):
        parse(encode_message(number, payload)[:-1])


@given(st.binary())
def test_any_bytes_are_read_or_refused(message: bytes) -> None:
    try:
        fields = parse(message)
    except ProtobufError:
        return
    assert all(isinstance(value, int | bytes) for value in fields.values())


@pytest.mark.parametrize("empty", ["", b"", 0, False])
def test_empty_values_are_left_out(empty: str | bytes | int) -> None:
    assert encode_field(1, empty) == b""


def test_the_documentation_s_example_comes_out() -> None:
    assert encode_field(1, 150) == bytes.fromhex("089601")
    assert encode_field(2, "testing") == bytes.fromhex("120774657374696e67")
