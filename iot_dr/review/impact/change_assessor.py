"""Finds the changes that affect what devices depend on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from iot_dr.review.impact.device_access import access_impact
from iot_dr.review.impact.device_alarms import alarm_impact
from iot_dr.review.impact.device_checks import check_impact, endpoint_impact
from iot_dr.review.impact.device_dependencies import DeviceDependencies
from iot_dr.review.impact.device_impact import Impact, Rank
from iot_dr.review.impact.device_records import record_impact
from iot_dr.review.impact.device_zone import zone_impact
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.health_checks import ALARM, Key
from iot_dr.review.impact.review import DeviceChange
from iot_dr.review.impact.stateful import deposed_object_impact, stateful_impact
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.route53.terraform_records import CHECK, RECORD
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict, worst
from iot_dr.rules.stateful_resource_destroyed import RULE as DESTROYED
from iot_dr.rules.suppression import Suppressed
from iot_dr.terraform_json.change import Action

_BY_TYPE: Final = {RECORD: record_impact, CHECK: check_impact, ALARM: alarm_impact}
_OTHER_TYPES: Final = (access_impact, zone_impact, stateful_impact, endpoint_impact)


class ChangeAssessor:
    """Assesses changes one by one, with the rule findings for the same resources."""

    def __init__(self, dependencies: DeviceDependencies, judgement: Judgement) -> None:
        self._dependencies = dependencies
        self._findings: Mapping[Key, list[Finding]] = _by_resource(judgement.findings)
        self._accepted: defaultdict[Key, list[Suppressed]] = defaultdict(list)
        for suppressed in judgement.suppressed:
            finding = suppressed.finding
            if finding.rule == DESTROYED.id:
                self._accepted[finding.stack or "", finding.address or ""].append(suppressed)

    def device_changes(self, stacks: Sequence[StackReview]) -> tuple[DeviceChange, ...]:
        """Return the changes to resources that devices depend on and to stored data, ranked.

        Sorted by verdict, worst first, then by rank. Harmless new resources of a new stack are
        left out: nothing depends on them yet.
        """
        ranked = [
            (
                (
                    -device_change.verdict.severity,
                    rank,
                    number,
                    device_change.subject,
                    change.address,
                ),
                device_change,
            )
            for number, stack in enumerate(stacks)
            for change in stack.changes
            if change.action is not None
            for rank, device_change in self._assessed(change, is_new=not stack.existed)
        ]
        return tuple(device_change for _, device_change in sorted(ranked, key=lambda pair: pair[0]))

    def _assessed(
        self, change: ResourceChange, *, is_new: bool
    ) -> Iterator[tuple[Rank, DeviceChange]]:
        key = (change.stack, change.address)
        findings = () if change.deposed else tuple(self._findings.get(key, ()))
        accepted = () if change.deposed else tuple(self._accepted.get(key, ()))
        differences = Differences(change)
        impact = self._impact(change, differences)
        if impact is None and (accepted or any(each.rule == DESTROYED.id for each in findings)):
            impact = _impact_of_finding(change)
        is_first = is_new and change.action is Action.CREATE
        if impact is None or (is_first and impact.verdict is Verdict.OK):
            return
        yield (
            impact.rank,
            DeviceChange(
                verdict=worst(
                    [
                        impact.verdict,
                        *(finding.verdict for finding in findings),
                        *(Verdict.WARN for _ in accepted),
                    ]
                ),
                subject=impact.subject,
                why=_why(impact, findings, accepted),
                change=change,
                attributes=differences.of_arguments(impact.arguments),
                findings=findings,
            ),
        )

    def _impact(self, change: ResourceChange, differences: Differences) -> Impact | None:
        if change.deposed:
            return deposed_object_impact(change)
        if impact_of_type := _BY_TYPE.get(change.type):
            return impact_of_type(change, differences, self._dependencies)
        impacts = (
            impact_of_change(change, differences, self._dependencies)
            for impact_of_change in _OTHER_TYPES
        )
        return next(filter(None, impacts), None)


def _impact_of_finding(change: ResourceChange) -> Impact:
    """Return the impact of a change that only a rule reports; its message is the reason."""
    return Impact(
        rank=Rank.STATEFUL, verdict=Verdict.WARN, subject=f"{change.type} {change.name}", why=""
    )


def _why(impact: Impact, findings: Iterable[Finding], accepted: Iterable[Suppressed]) -> str:
    """Return the clauses of an impact, the messages of rules, and why findings are accepted.

    A message of `stateful-resource-destroyed` replaces the impact's own clauses, which repeat it.
    """
    messages = [*findings, *(each.finding for each in accepted)]
    own = [] if any(each.rule == DESTROYED.id for each in messages) else [impact.why]
    reasons = [f"accepted in the settings, because {each.reason}" for each in accepted]
    clauses = [*own, *(each.message for each in messages), *reasons]
    return "; ".join(each.rstrip(".") for each in clauses if each)


def _by_resource(findings: Iterable[Finding]) -> Mapping[Key, list[Finding]]:
    by_key: defaultdict[Key, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_key[finding.stack or "", finding.address or ""].append(finding)
    return by_key
