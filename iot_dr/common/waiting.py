"""The wait for something that is looked at again and again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from iot_dr.common.user_error import UserError

Tell = Callable[[float, str], None]
"""Is told the seconds since the begin, and what is missing."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to wait in all and between two looks, and the clock that they are measured by."""

    limit: float
    interval: float = 15.0
    clock: Callable[[], float] = field(default=time.monotonic)
    pause: Callable[[float], None] = field(default=time.sleep)


class NotInTimeError(UserError):
    """What was waited for did not come about in time."""


def wait_until(
    missing: Callable[[], str], patience: Patience, tell: Tell, *, in_a_row: int = 1
) -> float:
    """Look until nothing is missing, that many times in a row; give the seconds that it took.

    Begins at once with a look. Raises NotInTimeError, which says what is still missing.
    """
    begin, rest = patience.clock(), in_a_row
    while True:
        told = missing()
        rest = in_a_row if told else rest - 1
        passed = patience.clock() - begin
        if not rest:
            return passed
        told = told or f"seen {in_a_row - rest} of {in_a_row} times in a row"
        tell(passed, told)
        if passed + patience.interval > patience.limit:
            raise NotInTimeError(f"not within {patience.limit / 60:.0f} minutes: {told}")
        patience.pause(patience.interval)
