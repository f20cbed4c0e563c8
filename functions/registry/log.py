"""The table in which the regions write down what they hold."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Protocol

from botocore.exceptions import ClientError

from functions.probe.aws_error import code_of
from functions.registry.entity import Entity
from functions.registry.item import RowError, from_item, to_item
from functions.registry.row import Row


class Overtaken(Exception):  # noqa: N818 - not an error: whoever meets it reads again
    """Another run has written the row since it was read."""


class DynamoDb(Protocol):
    """The calls of boto3's DynamoDB client that are used here."""

    def query(self, **request: object) -> dict[str, Any]:
        """Read the items of one partition."""
        ...

    def put_item(self, **request: object) -> object:
        """Write an item; raises ClientError when the condition does not hold."""
        ...

    def scan(self, **request: object) -> dict[str, Any]:
        """Read a page of items."""
        ...


def _raise(error: RowError) -> NoReturn:
    raise error


@dataclass(frozen=True)
class RegistryLog:
    """The replica of `device-registry` in one region; raises ClientError when it cannot be read.

    The rows of regions that are not among `regions` are marked as away; None: no region is.
    """

    client: DynamoDb
    table: str
    regions: Collection[str] | None = None

    def rows(self, entity: Entity) -> list[Row]:
        """Give every region's row of an entity, as this replica has them now.

        Raises RowError when one is malformed.
        """
        # A few rows of 400 KB at most can still be more than the 1 MB of a page.
        request: dict[str, object] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "entity = :entity",
            "ExpressionAttributeValues": {":entity": {"S": entity.key}},
        }
        return [self._row(item) for item in _items(self.client.query, request)]

    def put(self, row: Row, expected: int) -> Row:
        """Write a row over revision `expected` of it, 0 being none; give it as written.

        Raises Overtaken when another revision is there.
        """
        written = replace(row, revision=expected + 1)
        condition: dict[str, object] = {"ConditionExpression": "attribute_not_exists(entity)"}
        if expected:
            condition = {
                "ConditionExpression": "revision = :expected",
                "ExpressionAttributeValues": {":expected": {"N": str(expected)}},
            }
        try:
            self.client.put_item(TableName=self.table, Item=to_item(written), **condition)
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                raise Overtaken(row.entity.key) from error
            raise
        return written

    def scan(
        self,
        segment: int = 0,
        segments: int = 1,
        after: tuple[str, str] | None = None,
        refuse: Callable[[RowError], object] = _raise,
    ) -> Iterator[Row]:
        """Give the rows of a part of the table, each entity's together, in an order that stays.

        It begins behind the row with the entity's key and the region `after`. A malformed row is
        left out and told to `refuse`, which raises its RowError unless another one is given.
        """
        request: dict[str, object] = {
            "TableName": self.table, "Segment": segment, "TotalSegments": segments,
        }  # fmt: skip
        if after is not None:
            entity, region = after
            request["ExclusiveStartKey"] = {"entity": {"S": entity}, "region": {"S": region}}
        for item in _items(self.client.scan, request):
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
