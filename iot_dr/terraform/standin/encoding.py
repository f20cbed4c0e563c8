"""The schema as messages of plugin protocol 5.

Source of field numbers: `tfplugin5.proto` in Terraform's documentation of its plugin protocol.
"""

import json
from collections.abc import Collection, Mapping
from typing import Final

from iot_dr.terraform.standin.schema import ProviderSchema, SchemaBlock
from iot_dr.terraform.standin.wire import encode_field, encode_message

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
RESPONSE_FIELD: Final = {"resource": 2, "data": 3}
"""The field numbers of the types of each kind in the response to `GetSchema`."""

_SCHEMA_VERSION = 0

Sensitive = Mapping[str, Collection[str]]
"""Names of sensitive attributes by resource type; nested ones as `block.attribute`."""


def encode_schema(schema: ProviderSchema, sensitive: Sensitive) -> bytes:
    """Return the encoded response to `GetSchema` for a whole provider, about 5 MB for AWS."""
    message = [encode_message(1, _schema(schema.provider, ()))]
    for (kind, name), block in sorted(schema.types.items()):
        marked = sensitive.get(name, ()) if kind == "resource" else ()
        entry = encode_field(1, name) + encode_message(2, _schema(block, marked))
        message.append(encode_message(RESPONSE_FIELD[kind], entry))
    # Server capabilities: plans destroys too, and may be used without asking for the schema again.
    message.append(encode_message(6, encode_field(1, True) + encode_field(2, True)))
    return b"".join(message)


def _schema(block: SchemaBlock, sensitive: Collection[str]) -> bytes:
    return encode_field(1, _SCHEMA_VERSION) + encode_message(2, _block(block, sensitive, ""))


def _block(block: SchemaBlock, sensitive: Collection[str], prefix: str) -> bytes:
    message: list[bytes] = []
    for name, attribute in sorted(block.attributes.items()):
        encoded = (
            encode_field(1, name)
            + encode_field(2, json.dumps(attribute.type, separators=(",", ":")))
            + encode_field(4, attribute.required)
            + encode_field(5, attribute.optional)
            + encode_field(6, attribute.computed)
            + encode_field(7, prefix + name in sensitive)
        )
        message.append(encode_message(2, encoded))
    for name, nested in sorted(block.blocks.items()):
        encoded = (
            encode_field(1, name)
            + encode_message(2, _block(nested.block, sensitive, f"{prefix}{name}."))
            + encode_field(3, _NESTING[nested.nesting])
            + encode_field(4, nested.min_items)
            + encode_field(5, nested.max_items)
        )
        message.append(encode_message(3, encoded))
    return b"".join(message)
