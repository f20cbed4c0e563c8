"""The predicted recovery time before and after."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds until half of the devices are back, until 99 % are, and the bound; see `rto`."""

    p50: float
    p99: float
    bound: float


@dataclass(frozen=True, slots=True)
class RecoveryChange:
    """What a change of settings does to the recovery time; it is told only when it differs."""

    before: Recovery
    after: Recovery
    target: float
