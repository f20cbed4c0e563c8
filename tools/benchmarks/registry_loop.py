"""A plain loop with boto3, one call after another: the peer of `iot-dr registry`."""

import json
from collections.abc import Iterator
from typing import Any

from tools.benchmarks.registry_fleet import Region


def copy(source: Region, target: Region) -> None:
    """Copy each entity of one region to the other; no table rows are written."""
    for name, description in _types(source):
        target.iot.create_thing_type(thingTypeName=name, thingTypeProperties=description)
    for name in _names(source, "list_thing_groups", "thingGroups", "groupName"):
        source.iot.describe_thing_group(thingGroupName=name)
        source.iot.list_attached_policies(target=_arn(source, f"thinggroup/{name}"))
        target.iot.create_thing_group(thingGroupName=name)
    for name in _names(source, "list_policies", "policies", "policyName"):
        policy = source.iot.get_policy(policyName=name)
        target.iot.create_policy(policyName=name, policyDocument=policy["policyDocument"])
    for certificate in _certificates(source):
        made = target.iot.register_certificate_without_ca(
            certificatePem=certificate["pem"], status=certificate["status"]
        )
        for policy in certificate["policies"]:
            target.iot.attach_policy(policyName=policy, target=made["certificateArn"])
    for thing in _things(source):
        name = thing["name"]
        target.iot.create_thing(thingName=name, thingTypeName=thing["type"])
        for principal in thing["principals"]:
            arn = _arn(target, f"cert/{principal}")
            target.iot.attach_thing_principal(thingName=name, principal=arn)
        for group in thing["groups"]:
            target.iot.add_thing_to_thing_group(thingName=name, thingGroupName=group)
        if thing["shadow"] is not None:
            state = json.dumps({"state": thing["shadow"]}).encode()
            target.iot_data.update_thing_shadow(thingName=name, payload=state)


def compare(one: Region, other: Region) -> bool:
    """Read all of both regions into memory, and compare."""
    return _all(one) == _all(other)


def _all(region: Region) -> list[Any]:
    groups = list(_names(region, "list_thing_groups", "thingGroups", "groupName"))
    for name in groups:
        region.iot.describe_thing_group(thingGroupName=name)
        region.iot.list_attached_policies(target=_arn(region, f"thinggroup/{name}"))
    policies = list(_names(region, "list_policies", "policies", "policyName"))
    documents = [region.iot.get_policy(policyName=name)["policyDocument"] for name in policies]
    certificates = sorted(_certificates(region), key=lambda each: each["pem"])
    return [list(_types(region)), groups, policies, documents, certificates, list(_things(region))]


def _types(region: Region) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in _names(region, "list_thing_types", "thingTypes", "thingTypeName"):
        yield name, region.iot.describe_thing_type(thingTypeName=name)["thingTypeProperties"]


def _certificates(region: Region) -> Iterator[dict[str, Any]]:
    for id_ in _names(region, "list_certificates", "certificates", "certificateId"):
        result = region.iot.describe_certificate(certificateId=id_)["certificateDescription"]
        attached = region.iot.list_attached_policies(target=result["certificateArn"])["policies"]
        yield {
            "pem": result["certificatePem"],
            "status": result["status"],
            "policies": [each["policyName"] for each in attached],
        }


def _things(region: Region) -> Iterator[dict[str, Any]]:
    for name in _names(region, "list_things", "things", "thingName"):
        result = region.iot.describe_thing(thingName=name)
        groups = region.iot.list_thing_groups_for_thing(thingName=name)["thingGroups"]
        principals = region.iot.list_thing_principals(thingName=name)["principals"]
        region.iot_data.list_named_shadows_for_thing(thingName=name)
        yield {
            "name": name,
            "type": result["thingTypeName"],
            "groups": [each["groupName"] for each in groups],
            "principals": [each.rpartition("/")[2] for each in principals],
            "shadow": _shadow(region, name),
        }


def _shadow(region: Region, thing: str) -> dict[str, Any] | None:
    try:
        payload = region.iot_data.get_thing_shadow(thingName=thing)["payload"].read()
    except region.iot_data.exceptions.ResourceNotFoundException:
        return None
    state = json.loads(payload)["state"]
    return {half: state[half] for half in ("desired", "reported")}


def _names(region: Region, method: str, items: str, name: str) -> Iterator[str]:
    for page in region.iot.get_paginator(method).paginate():
        yield from (each[name] for each in page[items])


def _arn(region: Region, resource: str) -> str:
    return f"arn:aws:iot:{region.name}:111111111111:{resource}"
