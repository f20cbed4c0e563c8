"""Where the plans of a review come from, and what is known of them besides."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iot_dr.terraform_json.plan_manifest import Points, Recovery


@dataclass(frozen=True, slots=True)
class RecoveryChange:
    """What a change of settings does to the recovery time, in seconds; told only when it differs.

    `target` is `recovery.rto` of the settings.
    """

    before: Recovery
    after: Recovery
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSource:
    """One stack's plan: `file` is `terraform show -json` of it, None where there is no plan.

    `role` and `region` are None where nobody tells them; `error` is Terraform's own text.
    `content` is the JSON itself where it came through a stream; then there is no `file`.
    """

    name: str
    region: str | None
    role: str | None
    status: Literal["planned", "failed", "waiting"]
    file: Path | None
    waits_for: tuple[str, ...] = ()
    error: str = ""
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSource:
    """The plans that are reviewed together.

    `provider` and `base` are words for the first line, e.g. `stand-in` and `HEAD (1a2b3c4)`; they
    and `environment` are None for plans that do not come from `iot-dr plan`. `wave` is the one that
    was planned by itself, None for plans of all stacks. `dropped` are stacks that the base has and
    that are no longer planned: what stands in them is left behind.
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
