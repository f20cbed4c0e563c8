"""The title, the verdict, and the sections above the changes of each stack."""

from collections.abc import Callable, Iterator
from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.impact.review import DeviceChange, Review
from iot_dr.review.read.stack_review import StackReview
from iot_dr.review.render import context_sections
from iot_dr.review.render.elements import (
    NAMES,
    Item,
    Phrase,
    Section,
    TextKind,
    TextPart,
    code,
    name_list,
    phrase,
    sentence,
)
from iot_dr.review.render.wording import attribute_phrases, change_in_stack, place
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.suppression import Suppressed

_LINES: Final = 20
_WIDTH: Final = 300


def title_line(review: Review) -> Phrase:
    """Return the title with the environment, wave, provider and base, if known."""
    parts: list[TextPart | str] = ["Plan review"]
    if review.environment:
        parts += [" of ", code(review.environment)]
    if review.wave is not None:
        parts.append(f", wave {review.wave}")
    if review.provider:
        parts += [", provider ", *sentence(review.provider, 80)]
    if review.base:
        parts += [", against ", code(review.base)]
    elif review.provider:
        parts.append(", no base")
    return phrase(*parts)


def verdict_line(review: Review) -> Phrase:
    """Return the verdict and its reason."""
    return phrase(TextPart(TextKind.VERDICT, review.verdict.value), ": ", *sentence(review.reason))


def needs_attention(review: Review) -> Section:
    """Return the section on device changes with verdict `warn` or `block`."""
    changes = [each for each in review.device_changes if each.verdict is not Verdict.OK]
    noun = "change that needs attention", "changes that need attention"
    return Section("Needs attention", noun, 7, changes, _device_change)


def harmless(review: Review) -> Section:
    """Return the section on device changes with verdict `ok`."""
    changes = [each for each in review.device_changes if each.verdict is Verdict.OK]
    title, noun = "Harmless for devices", ("harmless change", "harmless changes")
    return Section(title, noun, 2, changes, _device_change, is_folded=True)


def not_planned(review: Review) -> Section:
    """Return the section on stacks without a complete plan, waiting ones last."""
    stacks = sorted(
        (stack for stack in review.stacks if stack.status != "planned"),
        key=lambda stack: stack.status == "waiting",
    )
    noun = "stack without a complete plan", "stacks without a complete plan"
    return Section("Not planned", noun, 8, stacks, _not_planned)


def findings(review: Review) -> Section:
    """Return the section on the rule findings that no device change includes."""
    noun = "rule finding", "rule findings"
    return Section("Rule findings", noun, 6, review.other_findings, _finding)


def suppressed_section(review: Review) -> Section:
    """Return the section on findings that the settings accept, with the reasons."""
    title, noun = "Accepted findings", ("accepted finding", "accepted findings")
    return Section(title, noun, 1, review.judgement.suppressed, _suppressed, is_folded=True)


def _device_change(change: DeviceChange) -> Item:
    rules = tuple(dict.fromkeys(finding.rule for finding in change.findings))
    names = (" (", *name_list(rules, NAMES), ")") if rules else ()
    why = (phrase(*sentence(change.why), *names),) if change.why or rules else ()
    action = change_in_stack(change.change, change.attributes)
    return Item(
        phrase=phrase(*sentence(change.subject), ": ", *action),
        below=(*why, *attribute_phrases(change.attributes)),
        verdict=None if change.verdict is Verdict.OK else change.verdict,
    )


def _not_planned(stack: StackReview) -> Item:
    lead: list[TextPart | str] = [*place(stack.name, stack.region)]
    if stack.status == "waiting":
        waits = phrase(*lead, " waits for ", *_waits_for(stack))
        return Item(phrase=waits, verbatim=_verbatim(stack.problem), verdict=Verdict.WARN)
    state = "failed" if stack.status == "failed" else "has an incomplete plan"
    return Item(
        phrase=phrase(*lead, f" {state}"),
        verbatim=_verbatim(stack.problem),
        verdict=Verdict.BLOCK,
    )


def _waits_for(stack: StackReview) -> Phrase:
    return name_list(stack.waits_for, NAMES) if stack.waits_for else phrase("another stack")


def _verbatim(problem: str) -> tuple[str, ...]:
    lines = clipped(problem, _LINES * _WIDTH).strip().splitlines()
    shown = tuple(clipped(line, _WIDTH) for line in lines[:_LINES])
    more = len(lines) - len(shown)
    return (*shown, f"... and {more} more lines") if more else shown


def _finding(finding: Finding) -> Item:
    rule = (" (", code(finding.rule), ")")
    return Item(
        phrase=phrase(*_where(finding), ": ", *sentence(finding.message), *rule),
        verdict=finding.verdict,
    )


def _suppressed(suppressed: Suppressed) -> Item:
    return Item(
        phrase=_finding(suppressed.finding).phrase,
        below=(phrase("accepted: ", *sentence(suppressed.reason)),),
    )


def _where(finding: Finding) -> Iterator[TextPart | str]:
    if finding.address:
        yield code(finding.address)
        yield " in "
    yield code(finding.stack) if finding.stack else "all stacks"


SECTIONS: Final[tuple[Callable[[Review], Section], ...]] = (
    needs_attention,
    not_planned,
    findings,
    harmless,
    suppressed_section,
    context_sections.hand_overs,
    context_sections.symmetry,
    context_sections.drift,
    context_sections.recovery,
    context_sections.recovery_point,
)
"""The sections between the stack table and the changes of each stack; notes come last."""
