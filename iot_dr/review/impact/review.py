"""The review of an environment's plans: the data that every output format renders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.read.stack_review import OutputChange, ResourceChange, StackReview
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.terraform_json.plan_manifest import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChange:
    """A change to a resource that devices depend on.

    `subject` is the resource's role for devices, e.g. `the device name's PRIMARY record`; `why` is
    what follows from the change, and includes the messages of `findings`, the rule findings for
    the same resource. `attributes` are the relevant differences, first those that force a
    replacement.
    """

    verdict: Verdict
    subject: str
    why: str
    change: ResourceChange
    attributes: tuple[AttributeDiff, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputConsumer:
    """A stack that reads an output; `waiting` if it could not be planned without the new value."""

    stack: str
    region: str | None
    status: Literal["changes", "unchanged", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverChange:
    """A changed output and the stacks that read it."""

    output: OutputChange
    consumers: tuple[OutputConsumer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsymmetricChange:
    """A change to a resource that several regions have, in only some of them.

    `change` is the address without its region and the action, e.g. `aws_iot_policy.device: update`;
    `changed_in` and `unchanged_in` are regions, `paths` the attributes that differ.
    """

    change: str
    changed_in: tuple[str, ...]
    unchanged_in: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The plans of all stacks with their overall verdict and the reason for it.

    `environment`, `provider` and `base` are None for plans that `iot-dr plan` did not make, `base`
    also for plans without one. `wave` is None unless one wave was planned alone. `device_changes`
    are ranked, worst first, with each change at most once. `judgement` has all rule findings.
    `recovery` is None unless the prediction changes, `recovery_point` if it is unknown. `notes` say
    what was not planned or not checked. `files` are the plans by stack, unless iot-dr made them.
    """

    environment: str | None
    provider: str | None
    base: str | None
    verdict: Verdict
    reason: str
    stacks: tuple[StackReview, ...]
    device_changes: tuple[DeviceChange, ...]
    judgement: Judgement
    hand_overs: tuple[HandOverChange, ...]
    asymmetric_changes: tuple[AsymmetricChange, ...]
    recovery: RecoveryChange | None
    recovery_point: Points | None = None
    notes: tuple[str, ...] = ()
    wave: int | None = None
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """The rule findings that no device change includes."""
        included = {finding for change in self.device_changes for finding in change.findings}
        return tuple(each for each in self.judgement.findings if each not in included)

    @property
    def off_device_path(self) -> frozenset[str]:
        """The names of stacks of the project's own code whose changes do not affect devices."""
        on_path = {change.change.stack for change in self.device_changes}
        return frozenset(each.name for each in self.stacks if each.is_own) - on_path


def rejected_design_review(
    environment: str, provider: str, base: str | None, judgement: Judgement
) -> Review:
    """Return the review of a configuration that the rules block before anything is planned."""
    first = judgement.findings[0]
    return Review(
        environment=environment,
        provider=provider,
        base=base,
        verdict=Verdict.BLOCK,
        reason=f"the rules reject this design, so nothing was planned: {first.message}",
        stacks=(),
        device_changes=(),
        judgement=judgement,
        hand_overs=(),
        asymmetric_changes=(),
        recovery=None,
        notes=("this review covers the synthesized configuration; nothing was planned",),
    )
