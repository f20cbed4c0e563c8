"""The lease of a region's comparison: one run at a time, in an item of the registry table."""

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


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Who compares the region: `run` is the time in milliseconds at which that run began."""

    client: DynamoDbClient
    table: str
    region: str

    def take(self, run: int, now: int) -> bool:
        """Begin a run, or begin it again, unless another is running; return whether it begins."""
        free = "attribute_not_exists(run) OR attribute_exists(ended) OR step_at < :late"
        begun = {"run": run, "step_at": now}
        return self._write(begun, f"{free} OR run = :run", late=now - _LIFETIME, run=run)

    def take_over(self, run: int) -> None:
        """Begin a run; one that is running ends at its next step."""
        self._write({"run": run, "step_at": run}, "")

    def renew(self, run: int, now: int) -> bool:
        """Return whether the run may go on: whether no later one has begun."""
        return self._write({"run": run, "step_at": now}, "run = :run", run=run)

    def end(self, run: int, now: int) -> None:
        """Record that a run has compared everything, unless a later one has begun."""
        self._write({"run": run, "step_at": now, "ended": now}, "run = :run", run=run)

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
