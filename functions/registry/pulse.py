"""The recovery point of each other region: how old the newest change is that has surely arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.contract import ENTITY_KEY, RECOVERY_POINT, REGION_KEY, SHADOW_RECOVERY_POINT
from functions.probe.aws_error import code_of
from functions.probe.metrics import Metrics
from functions.registry.table import PULSES, DynamoDbClient

_AT: Final = "made_at"
_METRICS: Final[Mapping[str, str]] = {
    "changes": RECOVERY_POINT,
    "shadows": SHADOW_RECOVERY_POINT,
}
"""The queues of capture through which pulses go, each with the metric of their age."""


@dataclass(frozen=True, kw_only=True)
class Pulses:
    """The times up to which each region has captured its changes, in items of the registry table.

    A pulse is a message that EventBridge sends to each queue of capture every minute. It waits
    behind the changes before it, and its time is replicated by the same table as they are. So the
    age of the newest one of another region is that of the newest change which that region cannot
    take with it if it is lost; it grows while nothing arrives. SQS does not keep the order of
    messages strictly, and changes that are tried again do not hold pulses up.
    """

    client: DynamoDbClient
    table: str
    region: str
    regions: frozenset[str]
    metrics: Metrics

    def record(self, queue: str, at: int) -> None:
        """Record that a pulse of the time `at` (milliseconds) has come through a queue."""
        item = {
            ENTITY_KEY: {"S": f"{PULSES}{queue}"},
            REGION_KEY: {"S": self.region},
            _AT: {"N": str(at)},
        }
        try:
            self.client.put_item(
                TableName=self.table,
                Item=item,
                ConditionExpression=f"attribute_not_exists({_AT}) OR {_AT} < :at",
                ExpressionAttributeValues={":at": {"N": str(at)}},
            )
        except ClientError as error:
            # A later pulse came through first.
            if code_of(error) != "ConditionalCheckFailedException":
                raise

    def publish(self, now: int) -> None:
        """Publish the age of each other region's newest pulses: as one metric, and by region."""
        for queue, metric in _METRICS.items():
            for item in self._items(queue):
                source = item[REGION_KEY]["S"]
                if source == self.region:
                    # Nothing is lost here with another region; it shows that this one measures.
                    self.metrics.put({metric: 0}, unit="Milliseconds")
                elif source in self.regions:
                    age = max(0, now - int(item[_AT]["N"]))
                    # It is put without a source too: the alarm is on the greatest of all.
                    self.metrics.put({metric: age}, unit="Milliseconds", by={"Source": source})

    def _items(self, queue: str) -> list[dict[str, Any]]:
        # One small item for each region is less than a page.
        return self.client.query(
            TableName=self.table,
            KeyConditionExpression=f"{ENTITY_KEY} = :pulse",
            ExpressionAttributeValues={":pulse": {"S": f"{PULSES}{queue}"}},
        )["Items"]
