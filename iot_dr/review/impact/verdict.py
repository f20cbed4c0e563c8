"""The overall verdict on all plans, and the reason for it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from iot_dr.common.terraform_binary import product
from iot_dr.review.impact.review import DeviceChange
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
_MAX_LENGTH: Final = 400
_ERROR: Final = "Error: "
_Reason = tuple[Verdict, str]


def overall_verdict(
    stacks: Sequence[StackReview],
    device_changes: Sequence[DeviceChange],
    other_findings: Sequence[Finding],
    *,
    dropped: Sequence[str],
    is_complete: bool,
) -> tuple[Verdict, str]:
    """Return the worst verdict and the first reason with that verdict, in one line.

    `dropped` are stacks that are no longer planned; `is_complete` is whether all stacks of the
    environment have a plan.
    """
    reasons = [
        *((change.verdict, _device_change_reason(change)) for change in device_changes),
        *_plan_problems(stacks),
        *((finding.verdict, _finding_reason(finding)) for finding in other_findings),
        *_stack_warnings(stacks),
        *(
            (Verdict.WARN, f"{stack} is no longer planned, so its resources stay in AWS")
            for stack in dropped[:1]
        ),
    ]
    # `max` returns the first of several equal reasons.
    verdict, reason = max(reasons, key=lambda each: each[0].severity, default=(Verdict.OK, ""))
    return verdict, _one_line(reason or _harmless_reason(stacks, is_complete=is_complete))


def _device_change_reason(device_change: DeviceChange) -> str:
    change = device_change.change
    verb = _VERBS[change.action] if change.action else "moves"
    forced = f", forced by {listing(change.forced_by)}" if change.forced_by else ""
    has_rule_message = any(each.rule == DESTROYED.id for each in device_change.findings)
    # The first clause weighs most; the review shows the others with the change itself.
    first = device_change.why.partition("; ")[0]
    why = "" if has_rule_message or not first else f": {first}"
    return f"the plan {verb} {device_change.subject}{forced}{why}"


def _finding_reason(finding: Finding) -> str:
    where = ": ".join(filter(None, (finding.stack, finding.address)))
    return f"{where}: {finding.message}" if where else finding.message


def _plan_problems(stacks: Sequence[StackReview]) -> Iterator[_Reason]:
    # Before the rule findings: a missing plan may be what caused them.
    for stack in stacks:
        if stack.status == "failed":
            yield Verdict.BLOCK, f"{stack.name} has no plan: {_first_error(stack.problem)}"
    for stack in stacks:
        if stack.status == "incomplete":
            yield (
                Verdict.BLOCK,
                f"the plan of {stack.name} is incomplete: {_first_error(stack.problem)}",
            )


def _stack_warnings(stacks: Sequence[StackReview]) -> Iterator[_Reason]:
    for stack in stacks:
        if stack.drift:
            addresses = listing([change.address for change in stack.drift])
            yield Verdict.WARN, f"{stack.name} has drift, changed outside {product()}: {addresses}"
    for stack in stacks:
        for warning in stack.warnings[:1]:
            yield Verdict.WARN, f"{stack.name}: {warning}"
    for stack in stacks:
        if stack.status == "waiting":
            upstream = listing(stack.waits_for) or "another stack"
            yield Verdict.WARN, f"{stack.name} has no plan yet: it waits for {upstream}"


def _harmless_reason(stacks: Sequence[StackReview], *, is_complete: bool) -> str:
    actions = Counter(_action_name(change.action) for each in stacks for change in each.changes)
    if not actions:
        has_outputs = any(each.outputs for each in stacks)
        return "only outputs change" if has_outputs else "no changes"
    if not any(each.existed for each in stacks):
        new = "a first deployment" if is_complete else "all resources are new"
        return f"{new}: nothing that devices depend on exists yet"
    counted = ", ".join(f"{number} to {name}" for name, number in sorted(actions.items()))
    return f"{counted}, and devices depend on none of them"


def _action_name(action: Action | None) -> str:
    return action.value if action else "move or import"


def _first_error(problem: str) -> str:
    """Return Terraform's first error message, else the first line."""
    lines = [line for line in problem.splitlines() if line.strip()]
    errors = (line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR))
    return next(errors, lines[0] if lines else "no reason given")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_LENGTH else f"{line[: _MAX_LENGTH - 4]} ..."
