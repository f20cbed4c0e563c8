"""Reviews the plans of all stacks together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from iot_dr.design.expectation import DesignExpectation
from iot_dr.review.impact.change_assessor import ChangeAssessor
from iot_dr.review.impact.device_dependencies import DeviceDependencies
from iot_dr.review.impact.hand_overs import hand_over_changes, upstream
from iot_dr.review.impact.review import DeviceChange, Review
from iot_dr.review.impact.symmetry import asymmetric_changes
from iot_dr.review.impact.verdict import overall_verdict
from iot_dr.review.read.plan_source import PlanSource, RecoveryChange
from iot_dr.review.read.stack_reader import read_stacks
from iot_dr.review.read.stack_review import StackReview
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Finding
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.provider_choice import Provider
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources

_Redact = Callable[[str], str]
_STANDIN: Final = Provider.STANDIN.display_name


class _Plans(NamedTuple):
    """The plans as read; `redact` hides the sensitive values of all of them in a text."""

    stacks: tuple[StackReview, ...]
    resources: Sequence[StackResources]
    notes: Sequence[str]
    redact: _Redact


def review(source: PlanSource, expected: DesignExpectation | None) -> Review:
    """Read plans and review them; the order of the stacks in `source` does not matter.

    `expected` is None for plans that are not of an environment. Raises JsonFileError, a UserError,
    for a file that is not a plan.
    """
    plans = _read(source, expected)
    resource_set = ResourceSet(plans.resources)
    judgement = _judgement(resource_set, expected, plans)
    assessor = ChangeAssessor(DeviceDependencies(resource_set, expected), judgement)
    is_complete = not _missing_stacks(plans.stacks, expected)
    notes = (
        *_notes(source, plans.stacks, plans.resources, expected),
        *plans.notes,
        *(f"not judged: {each}" for each in judgement.not_judged if is_complete),
    )
    without_reason = Review(
        environment=source.environment,
        provider=source.provider,
        base=source.base,
        wave=source.wave,
        verdict=judgement.verdict,
        reason="",
        stacks=plans.stacks,
        device_changes=tuple(
            _redacted(change, plans.redact) for change in assessor.device_changes(plans.stacks)
        ),
        judgement=judgement,
        hand_overs=hand_over_changes(plans.stacks, plans.resources),
        asymmetric_changes=asymmetric_changes(plans.stacks, resource_set),
        recovery=_recovery_change(source),
        recovery_point=source.recovery_point,
        files={}
        if source.provider
        else {each.name: each.file for each in source.stacks if each.file},
        notes=tuple(map(plans.redact, notes)),
    )
    verdict, reason = overall_verdict(
        plans.stacks,
        without_reason.device_changes,
        without_reason.other_findings,
        dropped=source.dropped,
        is_complete=is_complete,
    )
    return replace(without_reason, verdict=verdict, reason=plans.redact(reason))


def _read(source: PlanSource, expected: DesignExpectation | None) -> _Plans:
    by_name = sorted(source.stacks, key=lambda stack: stack.name)
    loaded = read_stacks(replace(source, stacks=tuple(by_name)))
    resources = [stack.resources for stack in loaded if stack.resources]
    all_secrets = list({id(stack.secrets): stack.secrets for stack in loaded}.values())

    def redact(text: str) -> str:
        for secrets in all_secrets:
            text = secrets.hidden(text)
        return text

    return _Plans(
        stacks=_in_order([stack.review for stack in loaded], upstream(resources), expected),
        resources=resources,
        notes=[*source.notes, *(note for stack in loaded for note in stack.notes)],
        redact=redact,
    )


def _judgement(
    resource_set: ResourceSet, expected: DesignExpectation | None, plans: _Plans
) -> Judgement:
    is_planned = len(plans.resources) == len(plans.stacks)
    judgement = judge(
        resource_set,
        expected,
        expected.accepted_rules if expected else (),
        is_whole=is_planned and not _missing_stacks(plans.stacks, expected),
    )

    def redacted(finding: Finding) -> Finding:
        return replace(finding, message=plans.redact(finding.message))

    return Judgement(
        findings=tuple(map(redacted, judgement.findings)),
        suppressed=tuple(
            replace(each, finding=redacted(each.finding)) for each in judgement.suppressed
        ),
        not_judged=judgement.not_judged,
    )


def _redacted(change: DeviceChange, redact: _Redact) -> DeviceChange:
    return replace(change, subject=redact(change.subject), why=redact(change.why))


def _recovery_change(source: PlanSource) -> RecoveryChange | None:
    recovery = source.recovery
    return recovery if recovery and recovery.before != recovery.after else None


def _notes(
    source: PlanSource,
    stacks: Sequence[StackReview],
    resources: Sequence[StackResources],
    expected: DesignExpectation | None,
) -> Iterator[str]:
    """Yield what was not planned or not checked, the most important first."""
    if source.provider == _STANDIN:
        yield (
            "planned with the stand-in provider: ids and ARNs are placeholders, and the AWS account"
            " was not read; the binding plan is made at deployment"
        )
        if source.base is None:
            yield "there is no base: every resource is shown as new"
    for dropped in source.dropped:
        yield f"{dropped} is no longer planned: no plan destroys its resources"
    for stack in stacks:
        if stack.status == "waiting":
            yield (
                f"{stack.name} waits for {listing(stack.waits_for) or 'another stack'}: its plan"
                " follows later and may contain more changes than this review shows"
            )
    if missing := _missing_stacks(stacks, expected, source.wave):
        yield f"no plan was given for {listing(missing)}"
    if expected is None:
        yield (
            "without settings, the recovery time and the DNS names that the environment should have"
            " are not checked"
        )
    for stack_resources in sorted(resources, key=lambda stack: stack.name):
        for note in stack_resources.not_checked:
            yield f"not checked in {stack_resources.name}: {note}"


def _missing_stacks(
    stacks: Sequence[StackReview], expected: DesignExpectation | None, wave: int | None = None
) -> tuple[str, ...]:
    """Return the stacks of the environment, or of one wave, that this review does not have."""
    if expected is None:
        return ()
    present = {stack.name for stack in stacks}
    return tuple(
        name
        for name, number in expected.waves.items()
        if name not in present and wave in {None, number}
    )


def _in_order(
    stacks: Iterable[StackReview],
    upstream: Mapping[str, set[str]],
    expected: DesignExpectation | None,
) -> tuple[StackReview, ...]:
    """Return stacks in the order of the environment's graph.

    Stacks that are not in it follow by dependency, the primary region's first, then by name.
    """
    places = {name: number for number, name in enumerate(expected.waves if expected else ())}
    by_name = sorted(stacks, key=lambda stack: stack.name)
    waves = _waves(by_name, upstream)
    return tuple(
        sorted(
            by_name,
            key=lambda stack: (
                places.get(stack.name, len(places)),
                waves[stack.name],
                stack.role != "primary",
                stack.name,
            ),
        )
    )


def _waves(stacks: Sequence[StackReview], upstream: Mapping[str, set[str]]) -> dict[str, int]:
    """Return each stack's wave by name; stacks in a dependency cycle share the last one."""
    names = {stack.name for stack in stacks}
    needs = {
        stack.name: (upstream.get(stack.name, set()) | set(stack.waits_for)) & names - {stack.name}
        for stack in stacks
    }
    waves: dict[str, int] = {}
    wave = 0
    while remaining := [name for name in needs if name not in waves]:
        ready = [name for name in remaining if needs[name] <= waves.keys()]
        waves.update(dict.fromkeys(ready or remaining, wave))
        wave += 1
    return waves
