"""The schema as messages of plugin protocol 5.

Source of field numbers: `tfplugin5.proto` in Terraform's documentation of its plugin protocol.
"""

import json
from collections.abc import Collection, Mapping
from typing import Final

from iot_dr.terraform.standin.schema import Block, ProviderSchema
from iot_dr.terraform.standin.wire import delimited, field

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
RESPONSE_FIELD: Final = {"resource": 2, "data": 3}
"""The field numbers of the types of each kind in the response to `GetSchema`."""

_SCHEMA_VERSION = 0

Sensitive = Mapping[str, Collection[str]]
"""Names of sensitive attributes by resource type; nested ones as `block.attribute`."""


def encode_schema(schema: ProviderSchema, sensitive: Sensitive) -> bytes:
    """Return the encoded response to `GetSchema` for a whole provider, about 5 MB for AWS."""
    message = [delimited(1, _schema(schema.provider, ()))]
    for (kind, name), block in sorted(schema.types.items()):
        marked = sensitive.get(name, ()) if kind == "resource" else ()
        entry = field(1, name) + delimited(2, _schema(block, marked))
        message.append(delimited(RESPONSE_FIELD[kind], entry))
    # Server capabilities: plans destroys too, and may be used without asking for the schema again.
    message.append(delimited(6, field(1, True) + field(2, True)))
    return b"".join(message)


def _schema(block: Block, sensitive: Collection[str]) -> bytes:
    return field(1, _SCHEMA_VERSION) + delimited(2, _block(block, sensitive, ""))


def _block(block: Block, sensitive: Collection[str], prefix: str) -> bytes:
    message: list[bytes] = []
    for name, attribute in sorted(block.attributes.items()):
        encoded = (
            field(1, name)
            + field(2, json.dumps(attribute.type, separators=(",", ":")))
            + field(4, attribute.required)
            + field(5, attribute.optional)
            + field(6, attribute.computed)
            + field(7, prefix + name in sensitive)
        )
        message.append(delimited(2, encoded))
    for name, nested in sorted(block.blocks.items()):
        encoded = (
            field(1, name)
            + delimited(2, _block(nested.block, sensitive, f"{prefix}{name}."))
            + field(3, _NESTING[nested.nesting])
            + field(4, nested.min_items)
            + field(5, nested.max_items)
        )
        message.append(delimited(3, encoded))
    return b"".join(message)
