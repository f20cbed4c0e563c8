"""What came of a probe."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a probe ended; everything but `ok` counts as a failure."""

    OK = "ok"
    FAILED = "failed"
    SLOW = "slow"
    """It took longer than its limit."""
    EXPIRED = "expired"
    """It was not begun, because an earlier one still hangs and its result is too old."""


class StatusError(Exception):
    """The broker answered, with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Result:
    """An outcome and, where it is not `ok`, what caused it."""

    outcome: Outcome
    cause: str = ""

    @classmethod
    def of(cls, error: BaseException | None) -> "Result":
        """Judge how a probe ended: by nothing, or by an exception.

        Only the exception's class is kept: its text could hold what was sent, signature included.
        """
        if error is None:
            return cls(Outcome.OK)
        if isinstance(error, StatusError):
            return cls(Outcome.FAILED, f"HTTP {error.status}")
        outcome = Outcome.SLOW if isinstance(error, TimeoutError) else Outcome.FAILED
        return cls(outcome, type(error).__name__)
