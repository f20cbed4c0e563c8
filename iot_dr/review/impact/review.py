"""What a reviewer is told about the plans of an environment."""

from dataclasses import dataclass

from iot_dr.review.impact.attention import Attention
from iot_dr.review.impact.hand_over_change import HandOverChange
from iot_dr.review.impact.one_sided import OneSided
from iot_dr.review.read.plan_source import RecoveryChange, RecoveryPointChange
from iot_dr.review.read.stack_review import StackReview
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict


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
    recovery_point: RecoveryPointChange | None = None
    notes: tuple[str, ...] = ()
    wave: int | None = None

    @property
    def untold(self) -> tuple[Finding, ...]:
        """What the rules found and no attention tells."""
        told = {finding for each in self.attention for finding in each.findings}
        return tuple(each for each in self.judgement.findings if each not in told)
