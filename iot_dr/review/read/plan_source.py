"""The plans of a review and what is known about them besides their content."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iot_dr.forecast.target import TargetVerdict, judge
from iot_dr.terraform_json.plan_manifest import Points, RecoveryForecast


@dataclass(frozen=True, slots=True)
class RecoveryChange:
    """The predicted recovery times with the base's settings (`before`) and with these (`after`).

    In seconds; `target` is `recovery.rto` of these settings.
    """

    before: RecoveryForecast
    after: RecoveryForecast
    target: float

    @property
    def verdict(self) -> TargetVerdict:
        """Whether the target is met with these settings."""
        return judge(self.after.p99, self.after.bound, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSource:
    """One stack's plan: `file` has the output of `terraform show -json`, None without a plan.

    `region` and `role` are None if unknown; `error` is Terraform's error text. `content` is the
    JSON itself if it came from standard input; `file` is None then. `is_own` is true for a stack
    that the project adds to the platform's.
    """

    name: str
    region: str | None
    role: str | None
    status: Literal["planned", "failed", "waiting"]
    file: Path | None
    waits_for: tuple[str, ...] = ()
    error: str = ""
    content: bytes | None = field(default=None, repr=False)
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSource:
    """The plans that are reviewed together.

    `provider` and `base` are as printed, e.g. `stand-in` and `HEAD (1a2b3c4)`; they and
    `environment` are None for plans that `iot-dr plan` did not make, `base` also for plans without
    one. `wave` is None unless one wave was planned alone. `recovery` is None without a base,
    `recovery_point` if it is unknown. `dropped` are stacks of the base that are no longer planned,
    so that no plan destroys their resources.
    """

    environment: str | None
    provider: str | None
    base: str | None
    stacks: tuple[StackSource, ...]
    wave: int | None = None
    recovery: RecoveryChange | None = None
    recovery_point: Points | None = None
    notes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
