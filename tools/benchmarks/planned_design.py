"""Plans of designs, as `terraform show -json` prints them."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from tools.benchmarks.large_designs import RECORD, REGIONS

_PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
_REFERENCE: Final = re.compile(r"\$\{((?:data\.)?\w+\.\w+)\.(\w+)\}")


def plan(document: Mapping[str, Any], action: str = "update") -> dict[str, Any]:
    """Return the plan of a design: one action on every resource.

    Of resources to `create` no id is known; of others the values have literals of their ids.
    """
    entries = [
        (mode, type_, label, body)
        for mode, top in (("data", "data"), ("managed", "resource"))
        for type_, typed in document[top].items()
        for label, body in typed.items()
    ]
    read = [_read(*each[:3]) for each in entries if each[0] == "data"]
    providers = {
        f"aws.{aws['alias']}": {
            "name": "aws",
            "full_name": _PROVIDER,
            "alias": aws["alias"],
            "expressions": {"region": {"constant_value": aws["region"]}},
        }
        for aws in document["provider"]["aws"]
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.0",
        "planned_values": {"root_module": {"resources": []}},
        "resource_changes": [_change(*each, action) for each in entries if each[0] == "managed"],
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": {"resources": read}},
        },
        "configuration": {
            "provider_config": providers,
            "root_module": {"resources": [_configured(*each) for each in entries]},
        },
        "complete": True,
        "errored": False,
    }


def _change(mode: str, type_: str, label: str, body: Mapping[str, Any], action: str) -> Json:
    arguments = {key: value for key, value in body.items() if key != "provider"}
    ids = {key: f"{label}-id" for key in ("id", "zone_id") if key not in arguments}
    known = {**ids, **_known(arguments)}
    changed = {"ttl": 30} if type_ == RECORD else {"tags": {"a": "b"}}
    sides: dict[str, Any] = {"before": {**known, **changed}, "after": known, "after_unknown": {}}
    if action == "create":
        hidden = {key: True for key, value in arguments.items() if "${aws_" in json.dumps(value)}
        after = {key: _known(value) for key, value in arguments.items() if key not in hidden}
        unknown = {**hidden, **dict.fromkeys(ids, True)}
        sides = {"before": None, "after": after, "after_unknown": unknown}
    if action == "delete":
        sides["after"] = None
    masks: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {}}
    change = {"actions": [action], **sides, **masks}
    return {**_named(mode, type_, label), "provider_name": _PROVIDER, "change": change}


def _read(mode: str, type_: str, label: str) -> Json:
    named = _named(mode, type_, label)
    host = _attribute(named["address"], "endpoint_address")
    values = {"id": host, "endpoint_type": "iot:Data-ATS", "endpoint_address": host}
    masks = dict[str, Json]()
    return {**named, "values": values, "sensitive_values": masks}


def _configured(mode: str, type_: str, label: str, body: Mapping[str, Any]) -> Json:
    expressions = {key: _expression(value) for key, value in body.items() if key != "provider"}
    return {
        **_named(mode, type_, label),
        "provider_config_key": body["provider"],
        "expressions": expressions,
        "schema_version": 0,
    }


def _named(mode: str, type_: str, label: str) -> dict[str, str]:
    address = f"{'data.' if mode == 'data' else ''}{type_}.{label}"
    return {"address": address, "mode": mode, "type": type_, "name": label}


def _known(value: Json) -> Json:
    """Return a value with the ids of existing resources for its references."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _attribute(*match.groups()), value)
    if is_sequence(value):
        return [_known(each) for each in value]
    if is_mapping(value):
        return {key: _known(each) for key, each in value.items()}
    return value


def _attribute(address: str, attribute: str) -> str:
    label = address.rpartition(".")[2]
    if attribute == "endpoint_address":
        return f"a1-ats.iot.{REGIONS[label]}.amazonaws.com"
    return f"{label}-id"


def _expression(value: Json) -> Json:
    if is_sequence(value) and value and all(map(is_mapping, value)):
        return [{key: _expression(each) for key, each in inner.items()} for inner in value]
    referred = _REFERENCE.findall(json.dumps(value))
    if not referred:
        return {"constant_value": value}
    references = [text for address, name in referred for text in (f"{address}.{name}", address)]
    return {"references": list(dict.fromkeys(references))}
