"""Names of records in messages."""

from iot_dr.route53.record import Record
from iot_dr.route53.terraform_records import DeclaredRecord


def shown(record: DeclaredRecord) -> str:
    """Return a record's name as its author knows it, its address if it has none."""
    return shown_in(record.name, record) if record.name else record.resource.address


def shown_in(text: str, record: Record) -> str:
    """Return a text in which a name that is known only after the apply is its expression.

    Such a name is resolved to `STACK/ADDRESS.ATTRIBUTE`.
    """
    if not isinstance(record, DeclaredRecord):
        return text
    prefix = f"{record.resource.stack}/"
    if not record.name.startswith(prefix):
        return text
    return text.replace(record.name, f"${{{record.name.removeprefix(prefix)}}}")
