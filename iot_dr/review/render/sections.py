"""What stands above the changes of each stack: the verdict, what needs eyes, what rules found."""

from collections.abc import Callable, Iterator
from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.impact.review import Attention, Review
from iot_dr.review.read.stack_review import StackReview
from iot_dr.review.render import background
from iot_dr.review.render.outline import (
    Item,
    Kind,
    Part,
    Phrase,
    Section,
    code,
    listed,
    phrase,
    sentence,
)
from iot_dr.review.render.wording import attribute_phrases, place, placed_phrase
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.suppression import Suppressed

_NAMES: Final = 12
_LINES: Final = 20
_WIDTH: Final = 300


def title_line(review: Review) -> Phrase:
    """Name environment, wave, provider and base, as far as they are known."""
    parts: list[Part | str] = ["Plan review"]
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
    """Name the verdict and the reason that made it."""
    return phrase(Part(Kind.VERDICT, review.verdict.value), ": ", *sentence(review.reason))


def attention(review: Review) -> Section:
    """Return the changes to what devices depend on that a reviewer must look at."""
    weighty = [each for each in review.attention if each.verdict is not Verdict.OK]
    return Section(
        title="What needs eyes",
        noun=("change that needs eyes", "changes that need eyes"),
        rank=7,
        count=len(weighty),
        items=lambda: map(_attention, weighty),
    )


def harmless(review: Review) -> Section:
    """Return the changes to what devices depend on that do them no harm."""
    light = [each for each in review.attention if each.verdict is Verdict.OK]
    return Section(
        title="Changes without harm to devices",
        noun=("change without harm", "changes without harm"),
        rank=2,
        count=len(light),
        items=lambda: map(_attention, light),
        is_folded=True,
    )


def not_planned(review: Review) -> Section:
    """Return the stacks without a whole plan, the failed ones first."""
    stacks = sorted(
        (stack for stack in review.stacks if stack.status != "planned"),
        key=lambda stack: stack.status == "waiting",
    )
    return Section(
        title="Not planned",
        noun=("stack that is not planned", "stacks that are not planned"),
        rank=8,
        count=len(stacks),
        items=lambda: map(_not_planned, stacks),
    )


def findings(review: Review) -> Section:
    """Return what the rules found on the plans and no attention tells."""
    return Section(
        title="What the rules found",
        noun=("finding of a rule", "findings of rules"),
        rank=6,
        count=len(review.other_findings),
        items=lambda: map(_finding, review.other_findings),
    )


def suppressed(review: Review) -> Section:
    """Return what the rules found and the environment accepts, with the reasons."""
    return Section(
        title="Accepted findings",
        noun=("accepted finding", "accepted findings"),
        rank=1,
        count=len(review.judgement.suppressed),
        items=lambda: map(_suppressed, review.judgement.suppressed),
        is_folded=True,
    )


def _attention(each: Attention) -> Item:
    rules = tuple(dict.fromkeys(finding.rule for finding in each.findings))
    names = (" (", *listed(rules, _NAMES), ")") if rules else ()
    why = (phrase(*sentence(each.why), *names),) if each.why or rules else ()
    change = placed_phrase(each.change, each.attributes)
    return Item(
        phrase=phrase(*sentence(each.subject), ": ", *change),
        below=(*why, *attribute_phrases(each.attributes)),
        verdict=None if each.verdict is Verdict.OK else each.verdict,
    )


def _not_planned(stack: StackReview) -> Item:
    lead: list[Part | str] = [*place(stack.name, stack.region)]
    if stack.status == "waiting":
        waits = phrase(*lead, " waits for ", *_waits_for(stack))
        return Item(phrase=waits, verbatim=_verbatim(stack.problem), verdict=Verdict.WARN)
    state = "failed" if stack.status == "failed" else "has a plan that is not whole"
    return Item(
        phrase=phrase(*lead, f" {state}"),
        verbatim=_verbatim(stack.problem),
        verdict=Verdict.BLOCK,
    )


def _waits_for(stack: StackReview) -> Phrase:
    return listed(stack.waits_for, _NAMES) if stack.waits_for else phrase("another stack")


def _verbatim(problem: str) -> tuple[str, ...]:
    lines = clipped(problem, _LINES * _WIDTH).strip().splitlines()
    shown = tuple(clipped(each, _WIDTH) for each in lines[:_LINES])
    left = len(lines) - len(shown)
    return (*shown, f"... and {left} more lines") if left else shown


def _finding(finding: Finding) -> Item:
    return Item(
        phrase=phrase(*_where(finding), ": ", *sentence(finding.message), *_rule(finding)),
        verdict=finding.verdict,
    )


def _suppressed(each: Suppressed) -> Item:
    return Item(
        phrase=phrase(
            *_where(each.finding), ": ", *sentence(each.finding.message), *_rule(each.finding)
        ),
        below=(phrase("accepted: ", *sentence(each.reason)),),
    )


def _where(finding: Finding) -> Iterator[Part | str]:
    if finding.address:
        yield code(finding.address)
        yield " in "
    yield code(finding.stack) if finding.stack else "all stacks together"


def _rule(finding: Finding) -> tuple[Part | str, ...]:
    return (" (", code(finding.rule), ")")


ABOVE: Final[tuple[Callable[[Review], Section], ...]] = (
    attention,
    not_planned,
    findings,
    harmless,
    suppressed,
    background.hand_overs,
    background.symmetry,
    background.drift,
    background.recovery,
    background.recovery_point,
)
"""What stands between the table and the changes of each stack; notes stand below these."""
