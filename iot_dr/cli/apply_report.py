"""What came of applying plans, for people and for machines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iot_dr.cli.plan_report import row, summary
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.terraform.schedule import Done, Outcome


@dataclass(frozen=True)
class ApplyReport:
    """The outcomes, in the order of the graph, and the seconds that it took."""

    environment: str
    wave: int | None
    outcomes: Sequence[Outcome[StackPlan]]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every stack was applied."""
        return all(isinstance(outcome, Done) for outcome in self.outcomes)

    def text(self) -> str:
        """Give a line for each stack, and the sum."""
        return "\n".join(self._lines())

    def json(self) -> str:
        """Give the same as JSON; no attribute values are in it."""
        document = {
            "environment": self.environment,
            "wave": self.wave,
            "seconds": round(self.seconds, 3),
            "stacks": [row(outcome, "applied") for outcome in self.outcomes],
        }
        return json.dumps(document, indent=2)

    def _lines(self) -> Iterator[str]:
        for outcome in self.outcomes:
            node, is_done = outcome.node, isinstance(outcome, Done)
            lead = "applied: " if is_done else ""
            yield f"{node.name} ({node.region}, {node.role or 'global'}): {lead}{summary(outcome)}"
        done = sum(isinstance(outcome, Done) for outcome in self.outcomes)
        which = f"wave {self.wave}, " if self.wave is not None else ""
        count = f"{done} of {len(self.outcomes)} stacks applied"
        yield f"{self.environment}: {which}{count} in {self.seconds:.1f} s"
