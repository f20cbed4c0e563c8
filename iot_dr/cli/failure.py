"""Failures of stacks, told whole."""

from collections.abc import Callable, Iterable, Iterator

from iot_dr.state.lock import LockedError
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.schedule import Failed, Outcome, Waiting
from iot_dr.terraform.session import Session
from iot_dr.terraform.stack_plan import StackPlan

Unlock = Callable[[str, str | None], str]
"""Gives the command that takes back a lock, by the stack's name and the lock's id."""


def failures(
    session: Session, outcomes: Iterable[Outcome[StackPlan]], unlock: Unlock | None = None
) -> Iterator[str]:
    """Tell each failed stack with Terraform's own words, and each one that was held back."""
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            yield "\n".join([*_failed(session, outcome), *_advice(outcome, unlock)])
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


def _advice(outcome: Failed, unlock: Unlock | None) -> Iterator[str]:
    if unlock and isinstance(outcome.error, LockedError) and (lock := outcome.error.lock):
        command = unlock(outcome.node.name, lock.lock_id)
        yield f"When nobody works on it any more: {command}"
