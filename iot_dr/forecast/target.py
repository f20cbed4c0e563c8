"""Verdict on a recovery time: whether it meets the target of the settings."""

from enum import StrEnum


class TargetVerdict(StrEnum):
    """Whether devices are back within `recovery.rto`; see docs/explanation/failover.md."""

    MET = "met"
    OVER_IN_BOUND = "over in the bound"
    OVER = "over in the 99 % case"

    @property
    def is_missed(self) -> bool:
        """Whether the target is missed, which blocks; it is one for 99 % of the devices."""
        return self is TargetVerdict.OVER


def judge(p99: float, bound: float, rto: float) -> TargetVerdict:
    """Judge seconds until 99 % of the devices and until all of them are back.

    `bound` is that of a prediction, or the time of the last device that was simulated or measured.
    """
    if p99 > rto:
        return TargetVerdict.OVER
    return TargetVerdict.OVER_IN_BOUND if bound > rto else TargetVerdict.MET
