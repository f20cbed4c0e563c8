"""Judges the plans of all stacks together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from environments.settings import Settings
from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.hand_overs import hand_over_changes, upstream
from iot_dr.review.impact.judging import Judging
from iot_dr.review.impact.review import Attention, Review
from iot_dr.review.impact.symmetry import one_sided
from iot_dr.review.impact.verdict import judged
from iot_dr.review.read.plan_source import PlanSource, RecoveryChange
from iot_dr.review.read.reading import read_all
from iot_dr.review.read.stack_review import StackReview
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Finding
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.provider_choice import Provider
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout

_Hide = Callable[[str], str]
_STANDIN: Final = Provider.STANDIN.display_name


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
            for each in (*_notes(source, plans.stacks, plans.resources, settings), *plans.notes)
        ),
    )
    verdict, reason = judged(
        plans.stacks,
        made.attention,
        made.other_findings,
        dropped=source.dropped,
        is_whole=not _missing_stacks(plans.stacks, settings),
    )
    return replace(made, verdict=verdict, reason=plans.hide(reason))


def _read(source: PlanSource, settings: Settings | None) -> _Plans:
    by_name = sorted(source.stacks, key=lambda each: each.name)
    found = read_all(replace(source, stacks=tuple(by_name)))
    resources = [each.resources for each in found if each.resources]
    secrets = list({id(each.secrets): each.secrets for each in found}.values())

    def hide(text: str) -> str:
        for each in secrets:
            text = each.hidden(text)
        return text

    return _Plans(
        stacks=_in_order([each.review for each in found], upstream(resources), settings),
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
        is_whole=is_planned and not _missing_stacks(plans.stacks, settings),
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


def _notes(
    source: PlanSource,
    stacks: Sequence[StackReview],
    resources: Sequence[StackResources],
    settings: Settings | None,
) -> Iterator[str]:
    """Say what was not planned or not judged, the most important first."""
    if source.provider == _STANDIN:
        yield (
            "the provider is the stand-in: ids and ARNs are made up, and nobody asked the account"
            " for what stands there; the binding plan is made at deploy time"
        )
        if source.base is None:
            yield "there is no base: all is shown as if nothing existed yet"
    for each in source.dropped:
        yield f"{each} is planned no longer: no plan destroys what stands in it"
    for each in stacks:
        if each.status == "waiting":
            yield (
                f"{each.name} waits for {listing(each.waits_for) or 'another stack'}: its plan"
                " comes later, and may change more than is told here"
            )
    if missing := _missing_stacks(stacks, settings, source.wave):
        yield f"no plan is here of {listing(missing)}"
    if settings is None:
        yield (
            "no settings are known: the recovery time is not judged, nor are the names that the"
            " environment ought to have"
        )
    for each in sorted(resources, key=lambda each: each.name):
        for note in each.not_checked:
            yield f"not judged in {each.name}: {note}"


def _missing_stacks(
    stacks: Sequence[StackReview], settings: Settings | None, wave: int | None = None
) -> tuple[str, ...]:
    """Name the stacks of an environment, or of a wave of it, that no plan is here of."""
    if settings is None:
        return ()
    there, graph = {each.name for each in stacks}, platform_graph(settings)
    numbers: Mapping[str, int] = {} if wave is None else Rollout(graph).numbers
    return tuple(
        node.name
        for node in graph.nodes
        if node.name not in there and numbers.get(node.name) == wave
    )


def _in_order(
    stacks: Iterable[StackReview], upstream: Mapping[str, set[str]], settings: Settings | None
) -> tuple[StackReview, ...]:
    """Return stacks in the order of the environment's graph, whatever order they came in.

    Others follow those that they read or wait for, the primary's first, then by name.
    """
    names = [node.name for node in platform_graph(settings).nodes] if settings else []
    places = {name: number for number, name in enumerate(names)}
    by_name = sorted(stacks, key=lambda each: each.name)
    waves = _waves(by_name, upstream)
    return tuple(
        sorted(
            by_name,
            key=lambda each: (
                places.get(each.name, len(places)),
                waves[each.name],
                each.role != "primary",
                each.name,
            ),
        )
    )


def _waves(stacks: Sequence[StackReview], upstream: Mapping[str, set[str]]) -> dict[str, int]:
    """Number each stack's wave; those that wait for each other come last, together."""
    names = {each.name for each in stacks}
    needs = {
        each.name: (upstream.get(each.name, set()) | set(each.waits_for)) & names - {each.name}
        for each in stacks
    }
    waves: dict[str, int] = {}
    wave = 0
    while left := [name for name in needs if name not in waves]:
        ready = [name for name in left if needs[name] <= waves.keys()]
        waves.update(dict.fromkeys(ready or left, wave))
        wave += 1
    return waves
