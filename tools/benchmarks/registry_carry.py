"""`iot-dr registry seed` and `diff`, and a plain boto3 loop that does the same in the same run."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from iot_dr.operate.registry.diff import Diff
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.entity_reconciler import EntityReconciler, RegionAccess
from iot_dr.operate.registry.ledger import ledger
from iot_dr.operate.registry.seed import Seed
from iot_dr.operate.registry.sites import RateLimit, ShadowCache
from tools.benchmarks.registry_fleet import SOURCE, TARGET, Region, put_fleet, region, write_down
from tools.benchmarks.target import Target

# No quota limits the emulator or the peer; with AWS's, both wait for the same ones.
_RATE: Final = 1_000_000.0
_SEED, _DIFF = Target(1.5), Target(5)


@dataclass(frozen=True)
class Carried:
    """Seconds of ours and of the peer in one run, and how many times faster ours is."""

    claim: str
    devices: int
    shadows: int
    ours: float
    peer: float
    ratio: float
    target: Target


class UnequalError(Exception):
    """The regions differ after a copy, so its time is meaningless."""


def carried(devices: int, round_trip: float) -> list[Carried]:
    """Copy a fleet, two of three devices with a shadow, into an empty region with each side."""
    shadows = devices * 2 // 3
    with ExitStack() as stack:
        source, target, other = (
            stack.enter_context(region(name, round_trip)) for name in (SOURCE, TARGET, TARGET)
        )
        put_fleet(source, devices, shadows)
        write_down(source)
        seed = _seconds("ours: copy", lambda: _seed(source, target))
        diff = _seconds("ours: compare", lambda: _equal(_diff, source, target))
        copied = _seconds("boto3: copy", lambda: _copy(source, other))
        compared = _seconds("boto3: compare", lambda: _equal(_compare, source, other))
    return [
        Carried("seed", devices, shadows, seed, copied, copied / seed, _SEED),
        Carried("diff", devices, shadows, diff, compared, compared / diff, _DIFF),
    ]


def _seconds(what: str, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    sys.stderr.write(f"  {what}: {seconds:.1f} s\n")
    return seconds


def _equal(compare: Callable[[Region, Region], bool], one: Region, other: Region) -> None:
    if not compare(one, other):
        raise UnequalError


def _reading(region: Region) -> EntityReader:
    for client in region.iot, region.iot_data:
        RateLimit(_RATE).attach(client)
    read_alone = replace(region, iot_data=ShadowCache(region.iot_data))
    return EntityReader(registry=read_alone.access())


def _seed(source: Region, target: Region) -> None:
    ends = [
        RegionAccess(region=end.name, access=end.access(), log=end.log())
        for end in (source, target)
    ]
    with ledger(None, {}) as book:
        seed = Seed(
            reconciler=EntityReconciler(source=ends[0], target=ends[1], by="benchmark"),
            ledger=book,
            source=_reading(source),
            target=_reading(target),
        )
        seed.run()
        if left := book.reasons(3):
            raise UnequalError(left)


def _diff(one: Region, other: Region) -> bool:
    readings = {each.name: _reading(each) for each in (one, other)}
    with ledger(None, {}) as book:
        return Diff(readings=readings, ledger=book).run().is_equal


def _copy(source: Region, target: Region) -> None:
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


def _compare(one: Region, other: Region) -> bool:
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
