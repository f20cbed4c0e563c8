"""Terraform's errors of failed stacks, in full."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from iot_dr.delivery.stack_plan import StackChanges
from iot_dr.delivery.state.lock import LockedError
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.schedule import Failed, Outcome, Waiting
from iot_dr.terraform.stack_document import StackDocument

Unlock = Callable[[str, str | None], str]
"""Gives the command that takes back a lock, by the stack's name and the lock's id."""


class Stacks(Protocol):
    """Where the synthesized JSON of stacks is read."""

    def document(self, stack: str) -> StackDocument:
        """Read a stack's synthesized JSON."""
        ...


def failures(
    stacks: Stacks, outcomes: Iterable[Outcome[StackChanges]], unlock: Unlock | None = None
) -> Iterator[str]:
    """Tell each failed stack with Terraform's own words, and each one that was held back."""
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            yield "\n".join([*_failed(stacks, outcome), *_advice(outcome, unlock)])
        elif isinstance(outcome, Waiting):
            yield f"{outcome.node.name}: not begun, waits for {', '.join(outcome.waits_for)}"


def _failed(stacks: Stacks, outcome: Failed) -> Iterator[str]:
    name, error = outcome.node.name, outcome.error
    if not isinstance(error, TerraformError) or not error.diagnostics:
        yield f"{name}: {error}"
        return
    document = stacks.document(name)
    yield f"{name}: terraform {error.command} failed"
    for diagnostic in error.diagnostics:
        path = document.construct_path(diagnostic.address)
        yield f"\n{name}{f' ({path})' if path else ''}\n{diagnostic}"


def _advice(outcome: Failed, unlock: Unlock | None) -> Iterator[str]:
    error = outcome.error
    lock = error.lock if isinstance(error, LockedError) else None
    if unlock and (lock or (isinstance(error, TerraformError) and error.is_locked)):
        command = unlock(outcome.node.name, lock.lock_id if lock else None)
        yield f"When nobody works on it any more: {command}"
