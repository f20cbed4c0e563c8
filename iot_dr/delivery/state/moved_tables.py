"""The tables of device data in the state of a promoted region."""

import json
from typing import Any, Final

from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.strict_json import parsed

_TABLE: Final = ("managed", "aws_dynamodb_table")


class TableNotThereError(UserError):
    """A table has no replica in the region that is promoted."""


def with_moved_tables(content: bytes, home: str, region: str) -> bytes:
    """Return a state in which global tables of `home` are those of `region`, with home as replica.

    All replicas of a table have its name, and any can manage the others. The provider changes a
    table in the region that its state names, whatever the provider's own is: from the former home
    it would delete the replica in the promoted region. The serial is one higher, if tables moved.
    Raises TableNotThereError if a table has no replica there.
    """
    state: dict[str, Any] = parsed(content, "the state")
    tables = [
        (resource, instance["attributes"])
        for resource in state["resources"]
        if (resource["mode"], resource["type"]) == _TABLE
        for instance in resource["instances"]
        if instance["attributes"].get("region") == home
    ]
    for resource, attributes in tables:
        _move(attributes, home, region)
        resource["provider"] = resource["provider"].replace(_alias(home), _alias(region))
    if not tables:
        return content
    return json.dumps({**state, "serial": state["serial"] + 1}).encode()


def _move(attributes: dict[str, Any], home: str, region: str) -> None:
    replicas = {replica["region_name"]: replica for replica in attributes["replica"]}
    if region not in replicas:
        raise TableNotThereError(
            f"{attributes['name']} has no replica in {region}; promote a region that has the data:"
            f" {', '.join(replicas) or 'there is none'}"
        )
    own = replicas.pop(region)
    places = ("arn", "stream_arn", "stream_label")
    former = {**own, "region_name": home, **{name: attributes.get(name) for name in places}}
    attributes |= {"region": region, **{name: own.get(name) for name in places}}
    attributes["replica"] = [former, *replicas.values()]


def _alias(region: str) -> str:
    return f".{region.replace('-', '_')}"
