"""The table, in moto's DynamoDB."""

from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.registry.entity import Entity, Kind
from functions.registry.item import RowError, to_item
from functions.registry.table import RegistryTable, RevisionConflictError
from tests.functions.registry.aws import TABLE, create_table
from tests.functions.registry.regions import THING
from tests.functions.registry.rows import CENTRAL, WEST, row

STATE = {"attributes": {"a": "x" * 1000}}
HERE = row(THING, WEST, STATE, "20@eu-west-1")
THERE = row(THING, CENTRAL, None, "10@eu-central-1")


@pytest.fixture
def log(credentials: dict[str, str]) -> Iterator[RegistryTable]:
    assert credentials
    with mock_aws():
        client = cast("Any", boto3).client("dynamodb", WEST)
        create_table(client)
        yield RegistryTable(client, TABLE)


def test_the_rows_of_an_entity_are_every_region_s(log: RegistryTable) -> None:
    log.put(HERE, 0)
    log.put(THERE, 0)
    log.put(row(Entity(Kind.THING, "sensor-2"), WEST, STATE, "30@eu-west-1"), 0)
    assert log.rows(THING) == [THERE, HERE]


def test_rows_of_regions_that_are_not_the_environment_s_are_marked(log: RegistryTable) -> None:
    log.put(HERE, 0)
    log.put(THERE, 0)
    some = RegistryTable(log.client, TABLE, {WEST})
    marked = [(CENTRAL, True), (WEST, False)]
    assert [(each.region, each.away) for each in some.rows(THING)] == marked
    assert [(each.region, each.away) for each in some.scan()] == marked


def test_a_row_is_written_over_the_revision_that_was_read(log: RegistryTable) -> None:
    first = log.put(HERE, 0)
    assert first.revision == 1
    second = log.put(row(THING, WEST, None, "30@eu-west-1"), first.revision)
    assert second.revision == 2
    assert log.rows(THING) == [second]


@pytest.mark.parametrize("expected", [0, 2])
def test_a_row_that_another_run_has_written_is_left_alone(
    log: RegistryTable, expected: int
) -> None:
    log.put(HERE, 0)
    with pytest.raises(RevisionConflictError):
        log.put(row(THING, WEST, None, "30@eu-west-1"), expected)
    assert log.rows(THING) == [HERE]


def test_what_else_dynamodb_refuses_is_reported_as_it_is(log: RegistryTable) -> None:
    with pytest.raises(ClientError):
        RegistryTable(log.client, "another-table").put(HERE, 0)


def fill(log: RegistryTable, count: int) -> None:
    # More than one page of 1 MB.
    large = {"attributes": {"a": "x" * 300_000}}
    for number in range(count):
        entity = Entity(Kind.THING, f"sensor-{number}")
        log.put(row(entity, WEST, large, "20@eu-west-1"), 0)
        log.put(row(entity, CENTRAL, None, "20@eu-central-1"), 0)


def test_a_scan_gives_every_row_an_entity_s_together_and_goes_on_behind_any(
    log: RegistryTable,
) -> None:
    fill(log, 8)
    rows = list(log.scan())
    assert len({(each.entity, each.region) for each in rows}) == len(rows) == 16
    assert all(one.entity == other.entity for one, other in zip(rows[::2], rows[1::2], strict=True))
    rest = log.scan(after=(rows[5].entity.key, rows[5].region))
    assert list(rest) == rows[6:]


def test_a_malformed_row_holds_up_no_scan_that_says_what_to_do_with_it(log: RegistryTable) -> None:
    log.put(HERE, 0)
    log.client.put_item(TableName=TABLE, Item={**to_item(THERE), "stamp": {"S": "never"}})
    refused: list[RowError] = []
    assert list(log.scan(refuse=refused.append)) == [HERE]
    assert len(refused) == 1
    with pytest.raises(RowError):
        list(log.scan())
    with pytest.raises(RowError):
        log.rows(THING)
