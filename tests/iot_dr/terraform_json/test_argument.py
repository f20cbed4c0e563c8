"""Arguments of a resource."""

from typing import Any

import pytest

from iot_dr.terraform_json.argument import whole_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (60, 60),
        (60.0, 60),
        ("60", 60),
        (1.5, None),
        ("1.5", None),
        (True, None),
        (None, None),
        (float("inf"), None),
        ("${var.ttl}", None),
    ],
)
def test_a_whole_number_is_read_from_a_number_or_a_string(
    value: Any,
    expected: int | None,
) -> None:
    assert whole_number(value) == expected
