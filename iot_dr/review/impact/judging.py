"""Finds what needs a reviewer's eyes in the plans of all stacks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.device_access import access_impact
from iot_dr.review.impact.device_alarms import alarm_impact
from iot_dr.review.impact.device_checks import check_impact, endpoint_impact
from iot_dr.review.impact.device_impact import Impact, Rank
from iot_dr.review.impact.device_records import record_impact
from iot_dr.review.impact.device_zone import zone_impact
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import ALARM, Key
from iot_dr.review.impact.review import Attention
from iot_dr.review.impact.stateful import left_over_impact, stateful_impact
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.route53.terraform_records import CHECK, RECORD
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict, worst
from iot_dr.rules.stateful_resource_destroyed import RULE as DESTROYED
from iot_dr.rules.suppression import Suppressed
from iot_dr.terraform_json.change import Action

_BY_TYPE: Final = {RECORD: record_impact, CHECK: check_impact, ALARM: alarm_impact}
_IN_TURN: Final = (access_impact, zone_impact, stateful_impact, endpoint_impact)


class Judging:
    """Judges changes one by one, with what the rules found at the same resources."""

    def __init__(self, world: Dependence, judgement: Judgement) -> None:
        self._world = world
        self._findings: Mapping[Key, list[Finding]] = _by_resource(judgement.findings)
        self._accepted: defaultdict[Key, list[Suppressed]] = defaultdict(list)
        for each in judgement.suppressed:
            if each.finding.rule == DESTROYED.id:
                self._accepted[each.finding.stack or "", each.finding.address or ""].append(each)

    def attentions(self, stacks: Sequence[StackReview]) -> tuple[Attention, ...]:
        """Return the changes to what devices depend on, and to what cannot be made again, ranked.

        The worst come first, then those that most depends on. What a new stack creates is none of
        them, for nothing depends on it yet, unless it takes what another one has.
        """
        found = [
            (
                (-attention.verdict.severity, rank, number, attention.subject, change.address),
                attention,
            )
            for number, stack in enumerate(stacks)
            for change in stack.changes
            if change.action is not None
            for rank, attention in self._attention(change, is_new=not stack.existed)
        ]
        return tuple(attention for _, attention in sorted(found, key=lambda each: each[0]))

    def _attention(
        self, change: ResourceChange, *, is_new: bool
    ) -> Iterator[tuple[Rank, Attention]]:
        key = (change.stack, change.address)
        findings = () if change.deposed else tuple(self._findings.get(key, ()))
        accepted = () if change.deposed else tuple(self._accepted.get(key, ()))
        differences = Differences(change)
        impact = self._impact(change, differences)
        if impact is None and (accepted or any(each.rule == DESTROYED.id for each in findings)):
            impact = _unknown(change)
        is_first = is_new and change.action is Action.CREATE
        if impact is None or (is_first and impact.verdict is Verdict.OK):
            return
        yield (
            impact.rank,
            Attention(
                verdict=worst(
                    [
                        impact.verdict,
                        *(each.verdict for each in findings),
                        *(Verdict.WARN for _ in accepted),
                    ]
                ),
                subject=impact.subject,
                why=_why(impact, findings, accepted),
                change=change,
                attributes=differences.about(impact.heads),
                findings=findings,
            ),
        )

    def _impact(self, change: ResourceChange, differences: Differences) -> Impact | None:
        if change.deposed:
            return left_over_impact(change)
        if by_type := _BY_TYPE.get(change.type):
            return by_type(change, differences, self._world)
        impacts = (each(change, differences, self._world) for each in _IN_TURN)
        return next(filter(None, impacts), None)


def _unknown(change: ResourceChange) -> Impact:
    return Impact(
        rank=Rank.STATEFUL, verdict=Verdict.WARN, subject=f"{change.type} {change.name}", why=""
    )


def _why(impact: Impact, findings: Iterable[Finding], accepted: Iterable[Suppressed]) -> str:
    """Put what the rules say behind what is said already; of a loss they say it all."""
    messages = [*findings, *(each.finding for each in accepted)]
    own = [] if any(each.rule == DESTROYED.id for each in messages) else [impact.why]
    reasons = [f"accepted in the settings, because {each.reason}" for each in accepted]
    parts = [*own, *(each.message for each in messages), *reasons]
    return "; ".join(each.rstrip(".") for each in parts if each)


def _by_resource(findings: Iterable[Finding]) -> Mapping[Key, list[Finding]]:
    found: defaultdict[Key, list[Finding]] = defaultdict(list)
    for each in findings:
        found[each.stack or "", each.address or ""].append(each)
    return found
