"""Types of a provider that has few."""

from iot_dr.terraform.standin.schema import Attribute, Kind, NestedBlock, SchemaBlock

_STRING = Attribute("string", optional=True)
_PATH = SchemaBlock({"values": Attribute(["list", "string"], required=True)})
_CONDITION = SchemaBlock({"name": _STRING}, {"path": NestedBlock("list", 0, 1, _PATH)})
_RULE = SchemaBlock(
    {
        "name": _STRING,
        "arn": Attribute("string", computed=True),
        "port": Attribute("number", optional=True),
        "tags": Attribute(["map", "string"], optional=True),
        "names": Attribute(["list", "string"], optional=True),
        "ingress": Attribute(["list", ["object", {"port": "number"}]], optional=True),
    },
    {
        "condition": NestedBlock("list", 0, 0, _CONDITION),
        "place": NestedBlock("map", 0, 0, SchemaBlock({"zone": _STRING})),
    },
)
_TYPES: dict[tuple[Kind, str], SchemaBlock] = {
    ("resource", "some_rule"): _RULE,
    ("data", "some_region"): SchemaBlock({"name": Attribute("string", computed=True)}),
}


def some_blocks(kind: Kind, type_: str) -> SchemaBlock:
    """Return the block of `some_rule` or of the data source `some_region`."""
    return _TYPES[kind, type_]
