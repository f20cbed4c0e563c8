"""Progress, changes and errors of the work on stacks, as text and JSON."""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Protocol, Self

from rich.table import Table

from iot_dr.cli.progress import Display
from iot_dr.cli.text import counted
from iot_dr.common.terraform_binary import program_name
from iot_dr.delivery.stack_plan import Phase, StackChanges
from iot_dr.delivery.state.lock import LockedError
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.schedule import Done, Failed, Outcome, Waiting
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform.terraform import LOCK_WAIT
from iot_dr.terraform_json.change import PlannedAction, totals
from iot_dr.terraform_json.provider_choice import Provider
from stacks.graph import StackNode

_MINUTES: Final = int(LOCK_WAIT.total_seconds() // 60)

Unlock = Callable[[str, str | None], str]
"""Returns the command that releases a lock; takes the stack's name and the lock's id."""


class SynthesizedStacks(Protocol):
    """A source of the synthesized JSON of stacks."""

    def document(self, stack: str) -> StackDocument:
        """Return a stack's synthesized JSON."""
        ...


@dataclass(frozen=True)
class PlanReport:
    """The outcomes of a run over stacks, in dependency order, and its duration in seconds.

    `dropped` are stacks that only the base of a comparison has.
    `steps` are those of a change of regions, of which the run is the first.
    """

    provider: Provider
    outcomes: Sequence[Outcome[StackChanges]]
    seconds: float
    dropped: Sequence[StackNode] = ()
    steps: Sequence[str] = ()

    @property
    def changes(self) -> list[PlannedAction]:
        """The resource changes of all planned stacks."""
        return [change for plan in self._plans() for change in plan.changes]

    @property
    def has_changes(self) -> bool:
        """Whether a resource or an output would change, or a stack is dropped."""
        return bool(self.dropped) or any(plan.changes or plan.outputs for plan in self._plans())

    @property
    def has_failures(self) -> bool:
        """Whether a stack failed or was not started."""
        return any(not isinstance(outcome, Done) for outcome in self.outcomes)

    @property
    def summary(self) -> str:
        """The number of stacks and the totals of their changes, on one line."""
        counts = Counter(type(outcome) for outcome in self.outcomes)
        incomplete = [
            f"{counts[kind]} {word}"
            for kind, word in ((Failed, "failed"), (Waiting, "waiting"))
            if counts[kind]
        ]
        outputs = [change for plan in self._plans() for change in plan.outputs]
        is_empty = not self.changes + outputs
        changes = [] if incomplete and is_empty else [_summed(self.changes, outputs)]
        dropped = [f"{len(self.dropped)} only in the base"] if self.dropped else []
        return (
            f"{counted(len(self.outcomes), 'stack')}: {', '.join(incomplete + changes + dropped)}"
        )

    def text(self, *, is_summary: bool = False) -> str:
        """Return the banner, each stack with its changes, and the totals.

        With `is_summary` a stack has one line, without its changes.
        """
        return f"{self.provider.banner}\n{self.table(is_summary=is_summary)}"

    def table(self, *, is_summary: bool = False) -> str:
        """Return the same without the banner."""
        return "\n".join(self._lines(is_summary=is_summary))

    def document(self, done: str = "planned") -> dict[str, Any]:
        """Return the report as JSON values, without attribute values.

        `done` is the status of a stack that succeeded.
        """
        document: dict[str, Any] = {
            "provider": self.provider.value,
            "seconds": round(self.seconds, 3),
            "stacks": [row(outcome, done) for outcome in self.outcomes],
            **({"dropped": [_place(node) for node in self.dropped]} if self.dropped else {}),
        }
        if self.steps:
            document["region_steps"] = list(self.steps)
        return document

    def _plans(self) -> Iterator[StackChanges]:
        for outcome in self.outcomes:
            if isinstance(outcome, Done):
                yield outcome.result

    def _lines(self, *, is_summary: bool) -> Iterator[str]:
        if is_summary:
            yield ""
        for outcome in self.outcomes:
            node = outcome.node
            if not is_summary:
                yield ""
            yield f"{node.name} ({node.region}, {node.role or 'global'}): {summary(outcome)}"
            if isinstance(outcome, Done) and not is_summary:
                for change in outcome.result.changes + outcome.result.outputs:
                    yield f"  {change.action.sign} {change.address}"
        for node in self.dropped:
            if not is_summary:
                yield ""
            yield (
                f"{node.name} ({node.region}, {node.role or 'global'}): only in the base: its state"
                " stays, and no plan destroys its resources"
            )
        yield f"\n{self.summary}, in {self.seconds:.1f} s"


def row(outcome: Outcome[StackChanges], done: str) -> dict[str, Any]:
    """Return an outcome as JSON values; `done` is the status of a stack that succeeded."""
    stack = _place(outcome.node)
    if isinstance(outcome, Done):
        changes = [
            {"address": change.address, "action": change.action.value}
            for change in outcome.result.changes + outcome.result.outputs
        ]
        return {**stack, "status": done, "changes": changes}
    if isinstance(outcome, Waiting):
        return {**stack, "status": "waiting", "waits_for": list(outcome.waits_for)}
    return {**stack, "status": "failed", "error": str(outcome.error)}


def _place(node: StackNode) -> dict[str, Any]:
    return {"name": node.name, "region": node.region, "role": node.role}


def summary(outcome: Outcome[StackChanges]) -> str:
    """Return the result of the work on a stack in a few words."""
    if isinstance(outcome, Done):
        return _summed(outcome.result.changes, outcome.result.outputs)
    if isinstance(outcome, Waiting):
        return f"waits for {', '.join(outcome.waits_for)}"
    return "failed"


def _summed(changes: Sequence[PlannedAction], outputs: Sequence[PlannedAction]) -> str:
    """Return totals; outputs are counted separately if they change."""
    if not outputs:
        return totals(changes)
    lead = f"{totals(changes)}, " if changes else ""
    return f"{lead}outputs: {totals(outputs)}"


def failures(
    stacks: SynthesizedStacks,
    outcomes: Iterable[Outcome[StackChanges]],
    unlock: Unlock | None = None,
) -> Iterator[str]:
    """Yield a message for each stack that failed, with Terraform's errors, or was not started."""
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            yield "\n".join([*_failed(stacks, outcome), *_advice(outcome, unlock)])
        elif isinstance(outcome, Waiting):
            yield f"{outcome.node.name}: not started, waits for {', '.join(outcome.waits_for)}"


def _failed(stacks: SynthesizedStacks, outcome: Failed) -> Iterator[str]:
    name, error = outcome.node.name, outcome.error
    if not isinstance(error, TerraformError) or not error.diagnostics:
        yield f"{name}: {error}"
        return
    document = stacks.document(name)
    yield f"{name}: {program_name()} {error.command} failed"
    for diagnostic in error.diagnostics:
        path = document.construct_path(diagnostic.address)
        yield f"\n{name}{f' ({path})' if path else ''}\n{diagnostic}"


def _advice(outcome: Failed, unlock: Unlock | None) -> Iterator[str]:
    error = outcome.error
    lock = error.lock if isinstance(error, LockedError) else None
    if unlock and (lock or (isinstance(error, TerraformError) and error.is_locked)):
        command = unlock(outcome.node.name, lock.lock_id if lock else None)
        yield f"Once no run is active: {command}"


class StackProgress:
    """The progress of stacks: live lines on a terminal, otherwise a line as each stack ends.

    With `stays` the lines remain on the terminal, for commands whose output does not repeat them.
    With `done` a stack's last line is that word instead of its changes, unless it failed.
    """

    def __init__(
        self, nodes: Iterable[StackNode], *, stays: bool = True, done: str | None = None
    ) -> None:
        self._done = done
        self._lines = {node.name: "waiting" for node in nodes}
        self._begun: dict[str, float] = {}
        self._lock = Lock()
        self._display = Display(self._table, stays=stays)

    @contextmanager
    def shown(self) -> Generator[Self]:
        """Show progress during a `with` block."""
        with self._display.shown():
            yield self

    def phase(self, node: StackNode, phase: Phase) -> None:
        """Record the phase of the work on a stack."""
        line = phase if isinstance(phase, str) else f"waits for the lock of {phase}"
        with self._lock:
            self._begun.setdefault(node.name, time.monotonic())
            self._lines[node.name] = line
        if not isinstance(phase, str) and not self._display.is_live:
            self._display.line(f"{node.name}: {line}, at most {_MINUTES} minutes")

    def outcome(self, outcome: Outcome[StackChanges]) -> None:
        """Record the outcome of a stack."""
        name, line = outcome.node.name, summary(outcome)
        with self._lock:
            self._lines[name] = line
            self._begun.pop(name, None)
        if not self._display.is_live:
            shown = self._done if self._done and isinstance(outcome, Done) else line
            self._display.line(f"{name}: {shown}")

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for name, line in self._lines.items():
                begun = self._begun.get(name)
                running = f" {time.monotonic() - begun:.0f} s" if begun else ""
                table.add_row(name, f"{line}{running}")
        return table
