"""Failures of stacks, told whole."""

from collections.abc import Iterable, Iterator

from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.schedule import Failed, Outcome, Waiting
from iot_dr.terraform.session import Session
from iot_dr.terraform.stack_plan import StackPlan

_LOCKED = "Error acquiring the state lock"


def failures(
    session: Session, outcomes: Iterable[Outcome[StackPlan]], unlock: str | None = None
) -> Iterator[str]:
    """Tell each failed stack with Terraform's own words, and each one that was held back.

    `unlock` is the command that releases the lock of a stack, whose name takes the place of `{}`.
    """
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            yield "\n".join(_failed(session, outcome))
            if unlock and _LOCKED in str(outcome.error):
                yield f"When nobody works on it any more: {unlock.format(outcome.node.name)}"
        elif isinstance(outcome, Waiting):
            yield f"{outcome.node.name}: not begun, waits for {', '.join(outcome.waits_for)}"


def _failed(session: Session, outcome: Failed) -> Iterator[str]:
    name, error = outcome.node.name, outcome.error
    if not isinstance(error, TerraformError) or not error.diagnostics:
        yield f"{name}: {error}"
        return
    document = session.document(name)
    yield f"{name}: terraform {error.command} failed"
    for diagnostic in error.diagnostics:
        path = document.construct_path(diagnostic.address)
        yield f"\n{name}{f' ({path})' if path else ''}\n{diagnostic}"
