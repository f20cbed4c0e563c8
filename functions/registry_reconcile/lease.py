"""The lease of a region's comparison: one run at a time, and each of its steps once.

It is an item of the registry table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.contract import ENTITY_KEY, REGION_KEY
from functions.probe.aws_error import code_of
from functions.registry.table import COMPARISON_KEY, DynamoDbClient

_LIFETIME: Final = 4 * 3_600_000
"""Milliseconds after its last step for which a run counts as running.

A step that crashed is received again when the visibility of its message ends, after an hour and a
half (`modules/queue_limits.py`), and may then take a quarter of an hour.
"""

_STEP: Final = 15 * 60_000
"""Milliseconds after which a step has ended or crashed: Lambda's longest timeout."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Who compares the region: `run` is the time in milliseconds at which that run began."""

    client: DynamoDbClient
    table: str
    region: str

    def take(self, run: int, now: int) -> bool:
        """Begin a run unless another is running; return whether it begins.

        It begins again if its first step has failed, as nothing was compared after that.
        """
        free = "attribute_not_exists(run) OR attribute_exists(ended) OR step_at < :late"
        begun = {"run": run, "step": 0, "step_at": now}
        again = "run = :run AND step = :step"
        return self._write(begun, f"{free} OR ({again})", late=now - _LIFETIME, run=run, step=0)

    def take_over(self, run: int) -> None:
        """Begin a run; one that is running ends at its next step."""
        self._write({"run": run, "step": 0, "step_at": run}, "")

    def renew(self, run: int, step: int, now: int) -> bool:
        """Begin the next step of a run; return whether it begins.

        It does not if a later run has begun, or a later step, or another copy of the same message
        is being worked on. A step that has begun at `now` is this one: botocore repeats a call
        whose answer was lost.
        """
        again = "step = :step AND (step_at < :crashed OR step_at = :now)"
        new = f"attribute_not_exists(step) OR step < :step OR ({again})"
        return self._write(
            {"run": run, "step": step, "step_at": now},
            f"run = :run AND ({new})",
            run=run,
            step=step,
            crashed=now - _STEP,
            now=now,
        )

    def end(self, run: int, step: int, now: int) -> None:
        """Record that a run has compared everything with a step, unless a later run has begun."""
        ended = {"run": run, "step": step + 1, "step_at": now, "ended": now}
        self._write(ended, "run = :run", run=run)

    def _write(self, values: Mapping[str, int], condition: str, **compared: int) -> bool:
        conditional: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if compared:
            conditional["ExpressionAttributeValues"] = {
                f":{name}": {"N": str(value)} for name, value in compared.items()
            }
        try:
            self.client.put_item(
                TableName=self.table,
                Item={
                    ENTITY_KEY: {"S": COMPARISON_KEY},
                    REGION_KEY: {"S": self.region},
                    **{name: {"N": str(value)} for name, value in values.items()},
                },
                **conditional,
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True
