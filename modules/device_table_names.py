"""The names of the device data tables, for callers that do not create them."""

from modules.context import Context


def state_table(context: Context) -> str:
    """Return the name of the table of each device's last state, the same in every region."""
    return context.name("device-state")


def registry_table(context: Context) -> str:
    """Return the name of the table of registry entities, the same in every region."""
    return context.name("device-registry")


def table_arn(context: Context, account_id: str, table: str) -> str:
    """Return the ARN of a table's replica in the region of the context."""
    return f"arn:aws:dynamodb:{context.region}:{account_id}:table/{table}"
