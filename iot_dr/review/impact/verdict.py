"""The verdict on all plans together, and the one reason that made it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from iot_dr.review.impact.review import Attention
from iot_dr.review.read.stack_review import StackReview
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.stateful_resource_destroyed import RULE as DESTROYED
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.listing import listing

_VERBS: Final = {
    Action.CREATE: "creates",
    Action.UPDATE: "changes",
    Action.REPLACE: "replaces",
    Action.DESTROY: "destroys",
    Action.FORGET: "forgets",
}
_LONGEST: Final = 400
_ERROR: Final = "Error: "
_Reason = tuple[Verdict, str]


def judged(
    stacks: Sequence[StackReview],
    attention: Sequence[Attention],
    other_findings: Sequence[Finding],
    *,
    dropped: Sequence[str],
    is_whole: bool,
) -> tuple[Verdict, str]:
    """Return the worst verdict, and the first of the reasons that are as bad, in one line.

    `is_whole` says that no stack of the environment is missing.
    """
    reasons = [
        *((each.verdict, _of_attention(each)) for each in attention),
        *_unplanned(stacks),
        *((each.verdict, _of_finding(each)) for each in other_findings),
        *_of_stacks(stacks),
        *((Verdict.WARN, _left_behind(each)) for each in dropped[:1]),
    ]
    # Of equals, `max` gives the first.
    verdict, reason = max(reasons, key=lambda each: each[0].severity, default=(Verdict.OK, ""))
    return verdict, _one_line(reason or _harmless(stacks, is_whole=is_whole))


def _of_attention(attention: Attention) -> str:
    change = attention.change
    verb = _VERBS[change.action] if change.action else "moves"
    forced = f", forced by {listing(change.forced_by)}" if change.forced_by else ""
    is_said_whole = any(each.rule == DESTROYED.id for each in attention.findings)
    # The first clause is the one that weighs most; the others stand with the attention itself.
    first = attention.why.partition("; ")[0]
    why = "" if is_said_whole or not first else f": {first}"
    return f"the plan {verb} {attention.subject}{forced}{why}"


def _of_finding(finding: Finding) -> str:
    where = ": ".join(filter(None, (finding.stack, finding.address)))
    return f"{where}: {finding.message}" if where else finding.message


def _unplanned(stacks: Sequence[StackReview]) -> Iterator[_Reason]:
    # What is missing may be all that a rule found, so these come before the rules.
    for each in stacks:
        if each.status == "failed":
            yield Verdict.BLOCK, f"{each.name} has no plan: {_first_error(each.problem)}"
    for each in stacks:
        if each.status == "incomplete":
            yield (
                Verdict.BLOCK,
                f"the plan of {each.name} is incomplete: {_first_error(each.problem)}",
            )


def _of_stacks(stacks: Sequence[StackReview]) -> Iterator[_Reason]:
    for each in stacks:
        if each.drift:
            what = listing([change.address for change in each.drift])
            yield Verdict.WARN, f"in {each.name} this changed outside Terraform: {what}"
    for each in stacks:
        for warning in each.warnings[:1]:
            yield Verdict.WARN, f"{each.name}: {warning}"
    for each in stacks:
        if each.status == "waiting":
            yield Verdict.WARN, f"{each.name} has no plan yet: it waits for {_awaited(each)}"


def _left_behind(stack: str) -> str:
    return f"{stack} is planned no longer, and what stands in it is left behind"


def _harmless(stacks: Sequence[StackReview], *, is_whole: bool) -> str:
    words = Counter(_word(change.action) for each in stacks for change in each.changes)
    if not words:
        has_outputs = any(each.outputs for each in stacks)
        return "no resource changes, only outputs do" if has_outputs else "nothing changes"
    if not any(each.existed for each in stacks):
        new = "a first deployment" if is_whole else "all of it is new"
        return f"{new}: nothing that devices depend on exists yet"
    counted = ", ".join(f"{number} to {word}" for word, number in sorted(words.items()))
    return f"{counted}, and devices depend on none of it"


def _word(action: Action | None) -> str:
    return action.value if action else "move or import"


def _awaited(stack: StackReview) -> str:
    return listing(stack.waits_for) or "another stack"


def _first_error(problem: str) -> str:
    """Return the first of Terraform's errors, else the first line."""
    lines = [line for line in problem.splitlines() if line.strip()]
    errors = (line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR))
    return next(errors, lines[0] if lines else "no reason is told")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 4]} ..."
