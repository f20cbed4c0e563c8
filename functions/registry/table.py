"""The DynamoDB global table in which each region records its registry."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn, Protocol

from botocore.exceptions import ClientError

from functions.contract import ENTITY_KEY, REGION_KEY
from functions.probe.aws_error import code_of
from functions.registry.entity import Entity
from functions.registry.item import RowError, from_item, to_item
from functions.registry.row import Row

BRAKE_KEY: Final = "brake/deletions"
"""The key of an item of each region: see `brake.py`."""
PULSES: Final = "pulse/"
"""What the keys of items of each region begin with: see `pulse.py`."""
COMPARISON_KEY: Final = "comparison/run"
"""The key of an item of each region: see `registry_reconcile/lease.py`."""
_NO_ROWS: Final = (BRAKE_KEY, PULSES, COMPARISON_KEY)


class RevisionConflictError(Exception):
    """Another invocation has written the row since it was read; the caller must read it again."""


class DynamoDbClient(Protocol):
    """The methods of boto3's DynamoDB client that are used here."""

    def query(self, **request: object) -> dict[str, Any]:
        """Return one page of the items of a partition."""
        ...

    def put_item(self, **request: object) -> object:
        """Write an item; raises ClientError if the condition does not hold."""
        ...

    def scan(self, **request: object) -> dict[str, Any]:
        """Return one page of the items of the table."""
        ...


def _raise(error: RowError) -> NoReturn:
    raise error


@dataclass(frozen=True)
class RegistryTable:
    """One region's replica of the global table `device-registry`; raises ClientError as boto3 does.

    Rows of regions outside `regions` are marked `away`; with None, no row is. A condition of
    PutItem is evaluated on this replica alone, which suffices because each region writes only its
    own rows:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
    """

    client: DynamoDbClient
    name: str
    regions: Collection[str] | None = None

    def rows(self, entity: Entity) -> list[Row]:
        """Return the rows of all regions for an entity, from a consistent read of this replica.

        The reads of other regions' rows are eventually consistent: replication is asynchronous.
        Raises RowError if a row is malformed.
        """
        # An item has up to 400 KB and a page of Query or Scan 1 MB: even five rows may need several
        # pages. docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
        request: dict[str, object] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": "entity = :entity",
            "ExpressionAttributeValues": {":entity": {"S": entity.key}},
        }
        return [self._row(item) for item in _items(self.client.query, request)]

    def put(self, row: Row, expected: int) -> Row:
        """Write a row over revision `expected`, 0 if there must be none.

        Return it with its new revision. Raises RevisionConflictError if the row has another
        revision.
        """
        written = replace(row, revision=expected + 1)
        condition: dict[str, object] = {"ConditionExpression": "attribute_not_exists(entity)"}
        if expected:
            condition = {
                "ConditionExpression": "revision = :expected",
                "ExpressionAttributeValues": {":expected": {"N": str(expected)}},
            }
        try:
            self.client.put_item(TableName=self.name, Item=to_item(written), **condition)
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise RevisionConflictError(row.entity.key) from error
            raise
        return written

    def scan(
        self,
        segment: int = 0,
        segments: int = 1,
        after: tuple[str, str] | None = None,
        refuse: Callable[[RowError], object] = _raise,
    ) -> Iterator[Row]:
        """Yield the rows of one segment, those of an entity one after the other.

        The order is stable, so a scan can continue after the row with the key and region `after`.
        DynamoDB keeps the items of one partition key together, ordered by the sort key:
        docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html. A
        malformed row is skipped and passed to `refuse`, whose default raises the RowError.
        """
        request: dict[str, object] = {
            "TableName": self.name, "Segment": segment, "TotalSegments": segments,
        }  # fmt: skip
        if after is not None:
            entity, region = after
            request["ExclusiveStartKey"] = {ENTITY_KEY: {"S": entity}, REGION_KEY: {"S": region}}
        for item in _items(self.client.scan, request):
            if item[ENTITY_KEY]["S"].startswith(_NO_ROWS):
                continue
            try:
                row = self._row(item)
            except RowError as error:
                refuse(error)
                continue
            yield row

    def _row(self, item: dict[str, Any]) -> Row:
        row = from_item(item)
        away = self.regions is not None and row.region not in self.regions
        return replace(row, away=True) if away else row


def _items(
    read: Callable[..., dict[str, Any]], request: dict[str, object]
) -> Iterator[dict[str, Any]]:
    while True:
        page = read(**request)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}
