"""A review: what the plans of an environment do to devices, as it is shown to a reader."""

from dataclasses import dataclass
from typing import Literal

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.read.stack_review import OutputChange, ResourceChange, StackReview
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.terraform_json.plan_manifest import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A change to what devices depend on: `subject` says what it is to them, `why` what follows.

    `subject` is e.g. `the device name's PRIMARY record`; `attributes` are the differences that
    matter, first those that force a replacement. `findings` are what the rules found at the same
    resource; `why` has them already.
    """

    verdict: Verdict
    subject: str
    why: str
    change: ResourceChange
    attributes: tuple[AttributeDiff, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Consumer:
    """A stack that reads an output; `waiting` says that it could not be planned without it."""

    stack: str
    region: str | None
    status: Literal["changes", "unchanged", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverChange:
    """What a stack hands over anew, and to whom."""

    output: OutputChange
    consumers: tuple[Consumer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSided:
    """Resources that all regions have and that change in `changed` alone.

    `what` names them without their region, e.g. `aws_iot_policy.device: update`; `paths` are the
    attributes that differ.
    """

    what: str
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The plans of all stacks, judged: the verdict first, with the one reason that made it.

    `environment`, `provider` and `base` are None where the plans do not come from `iot-dr plan`,
    and `wave` where they are not of one wave.
    `attention` is ranked, the worst first; a resource stands in it once. `judgement` is what the
    rules found on the plans. `recovery_point` is None where the settings are not known. `notes` say
    what is not judged, and what else a reader must know.
    """

    environment: str | None
    provider: str | None
    base: str | None
    verdict: Verdict
    reason: str
    stacks: tuple[StackReview, ...]
    attention: tuple[Attention, ...]
    judgement: Judgement
    hand_overs: tuple[HandOverChange, ...]
    one_sided: tuple[OneSided, ...]
    recovery: RecoveryChange | None
    recovery_point: Points | None = None
    notes: tuple[str, ...] = ()
    wave: int | None = None

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """What the rules found at resources without an attention."""
        known = {finding for each in self.attention for finding in each.findings}
        return tuple(each for each in self.judgement.findings if each not in known)


def refused(environment: str, provider: str, base: str | None, judgement: Judgement) -> Review:
    """Return the review of a design that the rules refuse at its synthesis: nothing was planned."""
    first = judgement.findings[0]
    return Review(
        environment=environment,
        provider=provider,
        base=base,
        verdict=Verdict.BLOCK,
        reason=f"the rules refuse this design, and nothing was planned: {first.message}",
        stacks=(),
        attention=(),
        judgement=judgement,
        hand_overs=(),
        one_sided=(),
        recovery=None,
        notes=("this is what the synthesized design shows; no plan was made of it",),
    )
