"""Changes that only some of several similar regions get."""

from typing import Any

import pytest

from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import AsymmetricChange
from tests.iot_dr.review.fleet_plan import Json, source
from tests.support import plan_parts

REGIONS = ("eu-west-1", "eu-central-1", "eu-north-1")
POLICY = "aws_iot_policy.device"


def plan(region: str, *entries: Json) -> Json:
    """Return a plan of a region's stack."""
    provider = {
        "name": "aws",
        "alias": "own",
        "expressions": {"region": {"constant_value": region}},
    }
    blocks = [{**each, "provider_config_key": "aws.own"} for each in map(block, entries)]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": list(entries),
        "configuration": {
            "provider_config": {"aws.own": provider},
            "root_module": {"resources": blocks},
        },
    }


def block(entry: Json) -> Json:
    return {each: entry[each] for each in ("address", "mode", "type", "name")}


def entry(address: str, before: Json | None, after: Json | None) -> Json:
    """Return one change."""
    actions = {(True, False): ["create"], (False, True): ["delete"]}.get(
        (before is None, after is None), ["no-op"] if before == after else ["update"]
    )
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    return {**plan_parts.entry(address), "change": change}


def asymmetric(**plans: Json) -> tuple[AsymmetricChange, ...]:
    return review(source(**plans), None).asymmetric_changes


def regional(**changed: Json | None) -> tuple[AsymmetricChange, ...]:
    """Review three regions' stacks with other policies in those given by `eu_west_1=` etc."""
    before: Json = {"name": "device", "policy": "{}", "tags": {"a": "b"}}
    plans: dict[str, Any] = {}
    for region in REGIONS:
        after = changed.get(region.replace("-", "_"), {})
        whole = None if after is None else {**before, **after}
        same = entry("aws_iot_policy.canary", before, before)
        plans[f"iot-dev-iot-{region}"] = plan(region, same, entry(POLICY, before, whole))
    return asymmetric(**plans)


def test_a_change_in_one_region_is_reported_with_its_paths() -> None:
    assert regional(eu_west_1={"policy": "[]"}) == (
        AsymmetricChange(
            change=f"{POLICY}: update",
            changed_in=("eu-west-1",),
            unchanged_in=("eu-central-1", "eu-north-1"),
            paths=("policy",),
        ),
    )


def test_the_same_change_in_all_regions_is_not_reported() -> None:
    alike: Json = {"policy": "[]"}
    assert regional(eu_west_1=alike, eu_central_1=alike, eu_north_1=alike) == ()


def test_an_additional_path_in_one_region_is_reported() -> None:
    alike: Json = {"policy": "[]"}
    more = {**alike, "tags": {"a": "c"}}
    (changes,) = regional(eu_west_1=alike, eu_central_1=more, eu_north_1=alike)
    assert (changes.changed_in, changes.paths) == (("eu-central-1",), ("tags.a",))
    assert changes.unchanged_in == ("eu-north-1", "eu-west-1")


def test_a_loss_in_one_region_is_reported() -> None:
    (changes,) = regional(eu_north_1=None)
    assert (changes.change, changes.changed_in, changes.paths) == (
        f"{POLICY}: destroy",
        ("eu-north-1",),
        (),
    )


def test_a_joining_region_is_not_asymmetric() -> None:
    policy: Json = {"name": "device"}
    plans = {
        "iot-dev-iot-eu-west-1": plan("eu-west-1", entry(POLICY, policy, policy)),
        "iot-dev-iot-eu-north-1": plan("eu-north-1", entry(POLICY, None, policy)),
    }
    assert asymmetric(**plans) == ()


def test_a_resource_of_one_region_only_is_not_asymmetric() -> None:
    same, canary = entry(POLICY, {"name": "d"}, {"name": "d"}), "aws_iot_policy.canary"
    plans = {
        "iot-dev-iot-eu-west-1": plan("eu-west-1", same, entry(canary, {"name": "a"}, None)),
        "iot-dev-iot-eu-central-1": plan("eu-central-1", same),
    }
    assert asymmetric(**plans) == ()


@pytest.mark.parametrize(
    ("changed", "is_reported"), [(("eu_west_1",), True), (("eu_west_1", "eu_central_1"), False)]
)
def test_regional_resources_of_one_stack_are_compared(
    changed: tuple[str, ...], *, is_reported: bool
) -> None:
    before: Json = {"type": "TCP", "failure_threshold": 3}
    entries = [
        entry(
            f"aws_route53_health_check.tcp_{slot}",
            before,
            {**before, "failure_threshold": 5} if slot in changed else before,
        )
        for slot in ("eu_west_1", "eu_central_1")
    ]
    changes = asymmetric(**{"iot-dev-entry-point": plan("eu-west-1", *entries)})
    assert bool(changes) is is_reported
    for change in changes:
        assert change.change == "aws_route53_health_check.tcp_*: update"
        assert (change.changed_in, change.unchanged_in) == (("eu-west-1",), ("eu-central-1",))
        assert change.paths == ("failure_threshold",)


def test_the_order_of_a_set_is_not_asymmetric() -> None:
    entries = [
        entry(
            f"aws_route53_health_check.both_{slot}",
            {"type": "CALCULATED", "child_healthchecks": before},
            {"type": "CALCULATED", "child_healthchecks": after},
        )
        for slot, before, after in (
            ("eu_west_1", ["a", "m"], ["b", "m"]),
            ("eu_central_1", ["k", "x"], ["k", "y"]),
        )
    ]
    assert asymmetric(**{"iot-dev-entry-point": plan("eu-west-1", *entries)}) == ()


def test_primary_and_secondary_records_are_not_counterparts() -> None:
    before: Json = {"name": "m.example.com", "type": "CNAME", "ttl": 60, "records": ["a"]}
    entries = [
        entry("aws_route53_record.failover_1_primary", before, {**before, "ttl": 30}),
        entry("aws_route53_record.failover_1_secondary", before, before),
    ]
    assert asymmetric(**{"iot-dev-entry-point": plan("eu-west-1", *entries)}) == ()
