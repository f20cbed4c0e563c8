"""The result of a probe."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a probe ended; every outcome but `ok` is a failure."""

    OK = "ok"
    FAILED = "failed"
    SLOW = "slow"
    """The probe took longer than its limit."""
    EXPIRED = "expired"
    """No recent result: an earlier probe still hangs, or the process was frozen during this one."""


class StatusError(Exception):
    """The broker's HTTP status was not 200."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Result:
    """An outcome and its cause, which is empty for `ok` and for a probe that was abandoned."""

    outcome: Outcome
    cause: str = ""

    @classmethod
    def of(cls, error: BaseException | None) -> "Result":
        """Return the result of a probe that raised `error`; `ok` for None, `slow` for TimeoutError.

        The cause is an HTTP status or the class of the exception, whose text may contain the
        request with its signature.
        """
        if error is None:
            return cls(Outcome.OK)
        if isinstance(error, StatusError):
            return cls(Outcome.FAILED, f"HTTP {error.status}")
        outcome = Outcome.SLOW if isinstance(error, TimeoutError) else Outcome.FAILED
        return cls(outcome, type(error).__name__)
