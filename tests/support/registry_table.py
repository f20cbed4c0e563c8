"""The table of what each region holds, as the stack of the data has it."""

from typing import Any


def create_registry_table(dynamodb: Any, table: str) -> None:
    """Create it in the region of a client; moto's replicas hold nothing, so each has its own."""
    keys = {"entity": "HASH", "region": "RANGE"}
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
    )
