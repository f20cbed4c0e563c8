"""The registry's table, as in the stack of the data."""

from typing import Any


def create_registry_table(dynamodb: Any, table: str) -> None:
    """Create it in a client's region; moto's replicas are empty, so each region has its own."""
    keys = {"entity": "HASH", "region": "RANGE"}
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
    )
