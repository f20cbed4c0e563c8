import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.delivery.deploy.dns_message import DnsError, name_servers_in, question
from tests.iot_dr.delivery.deploy.name_server import encoded, name_record, response

NAMES = st.lists(
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True), min_size=1, max_size=5
).map(".".join)
ZONE = "iot-dev.example.com"
AT_QUESTION = b"\xc0\x0c"


@given(NAMES, st.lists(NAMES, max_size=6), st.booleans())
def test_the_name_servers_of_an_answer_or_a_referral_are_read(
    zone: str, servers: list[str], referral: bool
) -> None:
    records = [name_record(AT_QUESTION, encoded(server)) for server in servers]
    message = response(question(zone, 7), records, referral=referral)
    assert name_servers_in(message, zone, 7) == set(servers)


def test_a_name_that_goes_on_elsewhere_in_the_message_is_read() -> None:
    # `ns1`, and then on at the question's second label.
    at_parent = 12 + 1 + len("iot-dev")
    server = b"\x03ns1" + struct.pack("!H", 0xC000 | at_parent)
    message = response(question(ZONE, 7), [name_record(AT_QUESTION, server)])
    assert name_servers_in(message, ZONE, 7) == {"ns1.example.com"}


def test_the_servers_of_another_zone_and_other_records_are_passed_over() -> None:
    records = [
        name_record(encoded("example.com"), encoded("parent.example.net")),
        name_record(AT_QUESTION, encoded("alias.example.net"), kind=5),
        name_record(encoded("IOT-DEV.example.com"), encoded("NS1.Example.Net")),
    ]
    assert name_servers_in(response(question(ZONE, 7), records), ZONE, 7) == {"ns1.example.net"}


def test_a_name_that_does_not_exist_has_no_name_server() -> None:
    assert name_servers_in(response(question(ZONE, 7), [], code=3), ZONE, 7) == frozenset()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (response(question(ZONE, 8), []), "another question"),
        (question(ZONE, 7), "another question"),
        (response(question(ZONE, 7), [], code=5), "refuses, with code 5"),
        (response(question(ZONE, 7), [], code=0x200), "cut"),
        (response(question(ZONE, 7), [name_record(AT_QUESTION, encoded("a.b"))])[:-4], "damaged"),
        (response(question(ZONE, 7), [name_record(b"\xc0\xff", b"")]), "damaged"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_the_reason(
    message: bytes, told: str
) -> None:
    with pytest.raises(DnsError, match=told):
        name_servers_in(message, ZONE, 7)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tail: bytes) -> None:
    message = response(question(ZONE, 7), [tail, tail])
    try:
        name_servers_in(message, ZONE, 7)
    except DnsError:
        return


@pytest.mark.parametrize("name", ["", "a..b", f"{'a' * 64}.example.com"])
def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    with pytest.raises(DnsError, match="no name"):
        question(name, 7)
