"""Judges the plans of all stacks together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from environments.settings import Settings
from iot_dr.review.impact.attention import Attention
from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.hand_overs import hand_over_changes, upstream
from iot_dr.review.impact.judging import Judging
from iot_dr.review.impact.notes import missing_stacks, notes
from iot_dr.review.impact.ordering import ordered
from iot_dr.review.impact.review import Review
from iot_dr.review.impact.symmetry import one_sided
from iot_dr.review.impact.verdict import judged
from iot_dr.review.read.plan_source import PlanSource, RecoveryChange
from iot_dr.review.read.reading import read_all
from iot_dr.review.read.stack_review import StackReview
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Finding
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources

_Hide = Callable[[str], str]


class _Plans(NamedTuple):
    """What was read; `hide` takes what is sensitive out of a sentence."""

    stacks: tuple[StackReview, ...]
    resources: Sequence[StackResources]
    notes: Sequence[str]
    hide: _Hide


def review(source: PlanSource, settings: Settings | None) -> Review:
    """Read the plans and judge them; the same ones in any order give an equal review.

    `settings` are the environment's, None for somebody else's plans. Raises UserError for a file
    that cannot be read as a plan.
    """
    plans = _read(source, settings)
    together = ResourceSet(plans.resources)
    judgement = _judgement(together, settings, plans)
    attention = Judging(Dependence(together, settings), judgement).attentions(plans.stacks)
    made = Review(
        environment=source.environment,
        provider=source.provider,
        base=source.base,
        wave=source.wave,
        verdict=judgement.verdict,
        reason="",
        stacks=plans.stacks,
        attention=tuple(_hidden(each, plans.hide) for each in attention),
        judgement=judgement,
        hand_overs=hand_over_changes(plans.stacks, plans.resources),
        one_sided=one_sided(plans.stacks, together),
        recovery=_differing(source),
        recovery_point=source.recovery_point,
        notes=tuple(
            plans.hide(each)
            for each in (*notes(source, plans.stacks, plans.resources, settings), *plans.notes)
        ),
    )
    verdict, reason = judged(
        plans.stacks,
        made.attention,
        made.untold,
        dropped=source.dropped,
        is_whole=not missing_stacks(plans.stacks, settings),
    )
    return replace(made, verdict=verdict, reason=plans.hide(reason))


def _read(source: PlanSource, settings: Settings | None) -> _Plans:
    in_order = sorted(source.stacks, key=lambda each: each.name)
    found = read_all(replace(source, stacks=tuple(in_order)))
    resources = [each.resources for each in found if each.resources]
    secrets = list({id(each.secrets): each.secrets for each in found}.values())

    def hide(text: str) -> str:
        for each in secrets:
            text = each.hidden(text)
        return text

    return _Plans(
        stacks=ordered([each.review for each in found], upstream(resources), settings),
        resources=resources,
        notes=[*source.notes, *(note for each in found for note in each.notes)],
        hide=hide,
    )


def _judgement(together: ResourceSet, settings: Settings | None, plans: _Plans) -> Judgement:
    is_planned = len(plans.resources) == len(plans.stacks)
    found = judge(
        together,
        settings,
        settings.suppressions if settings else (),
        is_whole=is_planned and not missing_stacks(plans.stacks, settings),
    )

    def hidden(finding: Finding) -> Finding:
        return replace(finding, message=plans.hide(finding.message))

    return Judgement(
        findings=tuple(map(hidden, found.findings)),
        suppressed=tuple(replace(each, finding=hidden(each.finding)) for each in found.suppressed),
    )


def _hidden(attention: Attention, hide: _Hide) -> Attention:
    return replace(attention, subject=hide(attention.subject), why=hide(attention.why))


def _differing(source: PlanSource) -> RecoveryChange | None:
    recovery = source.recovery
    return recovery if recovery and recovery.before != recovery.after else None
