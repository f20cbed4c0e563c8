"""The operator's reason for using a switch."""

from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError

_LONGEST: Final = 300


def checked_reason(given: str) -> str:
    """Return the reason without surrounding spaces.

    Raises UsageError unless it is 1 to 300 visible characters on one line.
    """
    reason = given.strip()
    if not reason or len(reason) > _LONGEST:
        raise UsageError(
            f"--reason has {len(reason)} characters; allowed: 1 to {_LONGEST}, for the next"
            " operator to read"
        )
    if not reason.isprintable():
        raise UsageError(f"--reason {plain(reason)!r} must be a single line of visible characters")
    return reason
