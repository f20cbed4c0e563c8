"""What a plan of an environment says, for people and for machines."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iot_dr.cli.counted import counted
from iot_dr.delivery.stack_plan import StackChanges
from iot_dr.terraform.schedule import Done, Failed, Outcome, Waiting
from iot_dr.terraform_json.change import PlannedAction, totals
from iot_dr.terraform_json.provider_choice import Provider


@dataclass(frozen=True)
class PlanReport:
    """The outcomes of a walk, in the order of the graph, and the seconds that it took."""

    provider: Provider
    outcomes: Sequence[Outcome[StackChanges]]
    seconds: float

    @property
    def changes(self) -> list[PlannedAction]:
        """The changes to resources of all stacks that were planned."""
        return [change for plan in self._plans() for change in plan.changes]

    @property
    def has_changes(self) -> bool:
        """Whether a resource, or what a stack hands over, would change."""
        return any(plan.changes or plan.outputs for plan in self._plans())

    @property
    def summary(self) -> str:
        """The number of stacks and the totals of their changes, in one line."""
        counts = Counter(type(outcome) for outcome in self.outcomes)
        held = [
            f"{counts[kind]} {what}"
            for kind, what in ((Failed, "failed"), (Waiting, "waiting"))
            if counts[kind]
        ]
        outputs = [change for plan in self._plans() for change in plan.outputs]
        changes = [] if held and not self.changes + outputs else [_summed(self.changes, outputs)]
        return f"{counted(len(self.outcomes), 'stack')}: {', '.join(held + changes)}"

    @property
    def has_failures(self) -> bool:
        """Whether a stack failed, or waits for another."""
        return any(not isinstance(outcome, Done) for outcome in self.outcomes)

    def text(self) -> str:
        """Give the banner, each stack with its changes, and the totals."""
        return f"{self.provider.banner}\n{self.table()}"

    def table(self) -> str:
        """Give each stack with its changes, and the totals."""
        return "\n".join(self._lines())

    def json(self, done: str = "planned") -> str:
        """Give the same as JSON, `done` as the status of each stack; no attribute values in it."""
        return json.dumps(
            {
                "provider": self.provider.value,
                "seconds": round(self.seconds, 3),
                "stacks": [row(outcome, done) for outcome in self.outcomes],
            },
            indent=2,
        )

    def _plans(self) -> Iterator[StackChanges]:
        for outcome in self.outcomes:
            if isinstance(outcome, Done):
                yield outcome.result

    def _lines(self) -> Iterator[str]:
        for outcome in self.outcomes:
            node = outcome.node
            yield ""
            yield f"{node.name} ({node.region}, {node.role or 'global'}): {summary(outcome)}"
            if isinstance(outcome, Done):
                for change in outcome.result.changes + outcome.result.outputs:
                    yield f"  {change.action.sign} {change.address}"
        yield f"\n{self.summary}, in {self.seconds:.1f} s"


def summary(outcome: Outcome[StackChanges]) -> str:
    """Say in a few words how the work on a stack ended."""
    if isinstance(outcome, Done):
        return _summed(outcome.result.changes, outcome.result.outputs)
    if isinstance(outcome, Waiting):
        return f"waits for {', '.join(outcome.waits_for)}"
    return "failed"


def _summed(changes: Sequence[PlannedAction], outputs: Sequence[PlannedAction]) -> str:
    """Sum up; outputs are named where they change, and where nothing else does."""
    if not outputs:
        return totals(changes)
    lead = f"{totals(changes)}, " if changes else ""
    return f"{lead}outputs: {totals(outputs)}"


def row(outcome: Outcome[StackChanges], done: str) -> dict[str, Any]:
    """Give how the work on a stack ended for machines, `done` where it is; no attribute values."""
    node = outcome.node
    stack: dict[str, Any] = {"name": node.name, "region": node.region, "role": node.role}
    if isinstance(outcome, Done):
        changes = [
            {"address": each.address, "action": each.action.value}
            for each in outcome.result.changes + outcome.result.outputs
        ]
        return {**stack, "status": done, "changes": changes}
    if isinstance(outcome, Waiting):
        return {**stack, "status": "waiting", "waits_for": list(outcome.waits_for)}
    return {**stack, "status": "failed", "error": str(outcome.error)}
