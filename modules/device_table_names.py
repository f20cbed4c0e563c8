"""What the tables with the data of devices are called, for whoever does not make them."""

from modules.context import Context


def state_table(context: Context) -> str:
    """Name the table with the last known state of each device, the same in every region."""
    return context.name("device-state")


def registry_table(context: Context) -> str:
    """Name the table with what each region holds of the registry, the same in every region."""
    return context.name("device-registry")


def table_arn(context: Context, account_id: str, table: str) -> str:
    """Give the ARN of a table's replica in the region of the context."""
    return f"arn:aws:dynamodb:{context.region}:{account_id}:table/{table}"
