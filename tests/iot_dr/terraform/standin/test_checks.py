import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.standin.checks import (
    Check,
    arn,
    at_least,
    between,
    both,
    each_member,
    ip_address,
    json_document,
    length,
    matches,
    one_of,
)

DIGITS = matches(r"\d+", "digits")


@pytest.mark.parametrize(
    ("check", "right", "wrong", "said"),
    [
        (one_of("A", "AAAA"), "A", "a", "be one of A, AAAA, got a"),
        (one_of(10, 30), 30, 20, "be one of 10, 30, got 20"),
        (length(1, 3), "abc", "abcd", "have 1 to 3 characters, got 4"),
        (at_least(3), ["a", "b", "c"], ["a"], "have 3 members or more, got 1"),
        (DIGITS, "42", "4x2", "be digits, got '4x2'"),
        (DIGITS, "42", "42\n", "be digits, got '42\\n'"),
        (each_member(DIGITS), ["1", "2"], ["1", "x", "y"], "be digits, got 'x'"),
        (both(length(0, 2), DIGITS), "12", "123", "have 0 to 2 characters, got 3"),
        (both(length(0, 2), DIGITS), "12", "ab", "be digits, got 'ab'"),
        (arn, "arn:aws:s3:::bucket", "bucket", "be an ARN, got 'bucket'"),
        (arn, "arn:aws-cn:acm:cn-north-1:111111111111:certificate/x", "arn:aws:s3", "be an ARN"),
        (ip_address, "2001:db8::1", "300.1.1.1", "be an IP address, got '300.1.1.1'"),
        (json_document, '{"a": [1]}', "{'a': 1}", "be JSON: "),
    ],
)
def test_a_right_value_passes_and_a_wrong_one_is_reported(
    check: Check, right: object, wrong: object, said: str
) -> None:
    assert check(right) is None
    assert (check(wrong) or "").startswith(said)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-1500, 1500))
def test_both_ends_of_a_range_are_in_it(one: int, other: int, value: int) -> None:
    least, most = sorted((one, other))
    assert between(least, most)(least) is None
    assert between(least, most)(most) is None
    assert (between(least, most)(value) is None) == (value in range(least, most + 1))
