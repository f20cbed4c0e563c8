"""What is taken for a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.user_error import UsageError
from iot_dr.observe.switch.reason import checked_reason


@pytest.mark.parametrize(
    "reason", ["", "  ", "x" * 301, "two\nlines", "bell\x07", "\u202ereversed"]
)
def test_what_the_next_operator_could_not_read_is_refused(reason: str) -> None:
    with pytest.raises(UsageError, match="--reason") as raised:
        checked_reason(reason)
    assert str(raised.value).isprintable()


@given(st.text())
def test_a_reason_is_one_visible_line_or_refused(text: str) -> None:
    try:
        reason = checked_reason(text)
    except UsageError:
        return
    assert reason == text.strip()
    assert 1 <= len(reason) <= 300
    assert reason.isprintable()
