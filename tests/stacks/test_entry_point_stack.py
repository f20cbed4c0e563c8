"""The failover records: which name leads where, for two to five regions."""

from collections import defaultdict
from itertools import permutations
from typing import Any

import pytest

from environments.settings import Settings
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

Records = dict[str, dict[str, dict[str, Any]]]

KEPT = (REGIONS[:2], (REGIONS[2], *REGIONS[:2]), tuple(reversed(REGIONS)))
OTHERS = [
    *(order for count in (2, 3) for order in permutations(REGIONS[:count])),
    REGIONS[:4],
    REGIONS,
]
ORDERS = [
    *KEPT,
    *(pytest.param(each, marks=pytest.mark.exhaustive) for each in OTHERS if each not in KEPT),
]


def failover_records(synthesis: Synthesis, platform: Settings) -> Records:
    """Return the failover records of all stacks by name and side."""
    records: Records = defaultdict(dict)
    for stack in synthesis(platform).values():
        for record in stack.resources("aws_route53_record").values():
            if "failover_routing_policy" in record:
                side = record["failover_routing_policy"]["type"]
                assert side not in records[record["name"]], f"two {side} of {record['name']}"
                records[record["name"]][side] = record
    return records


def chain(records: Records, name: str) -> list[str]:
    """Follow the PRIMARY and SECONDARY records from a name and give the regions in order."""
    target = records[name]
    rest = target["SECONDARY"]
    first = leads_to(target["PRIMARY"])
    if "alias" in rest:
        return [first, *chain(records, rest["alias"]["name"])]
    return [first, leads_to(rest)]


def leads_to(record: dict[str, Any]) -> str:
    """Return the region whose name the record leads to."""
    (value,) = record["records"]
    prefix, suffix = "${data.terraform_remote_state.iot_dev_iot_", ".outputs.regional_name}"
    assert value.startswith(prefix)
    assert value.endswith(suffix)
    return value.removeprefix(prefix).removesuffix(suffix).replace("_", "-")


def asked(records: Records, name: str) -> list[str]:
    """Follow the records from a name and give the checks that they ask, in order."""
    sides = records[name]
    first = sides["PRIMARY"]["health_check_id"]
    rest = sides["SECONDARY"]
    if "alias" in rest:
        return [first, *asked(records, rest["alias"]["name"])]
    return [first, rest["health_check_id"]]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_the_device_name_leads_through_the_regions_in_failover_order(
    order: tuple[str, ...], synthesis: Synthesis
) -> None:
    platform = settings(regions=list(order), primary_region=order[0], home_region=order[0])
    records = failover_records(synthesis, platform)
    # The standbys before the last once more, without their switches.
    assert chain(records, "mqtt.iot-dev.example.com") == [*order, *order[1:-1]]


@pytest.mark.parametrize("mode", ["deep", "shallow"])
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_the_primary_asks_its_mode_s_check_and_the_switch_the_others_tcp_and_theirs_the_last_tcp(
    order: tuple[str, ...], mode: str, synthesis: Synthesis
) -> None:
    platform = settings(
        regions=sorted(order), primary_region=order[0], home_region=order[0], health={"mode": mode}
    )
    records = failover_records(synthesis, platform)
    kinds = ["calculated_deep" if mode == "deep" else "calculated_tcp"]
    between = platform.failover_order[1:-1]
    kinds += ["calculated_tcp"] * len(between) + ["tcp"] * (1 + len(between))
    assert asked(records, "mqtt.iot-dev.example.com") == [
        f"${{aws_route53_health_check.{kind}_{region.replace('-', '_')}.id}}"
        for kind, region in zip(kinds, (*platform.failover_order, *between), strict=True)
    ]


@pytest.mark.parametrize("count", range(2, 6))
@pytest.mark.parametrize("primary", range(2))
def test_each_name_has_one_primary_and_one_secondary_with_a_check_or_a_judging_alias(
    count: int, primary: int, synthesis: Synthesis
) -> None:
    platform = settings(regions=list(REGIONS[:count]), primary_region=REGIONS[primary])
    records = failover_records(synthesis, platform)
    assert len(records) == 2 * count - 3
    for name, sides in records.items():
        assert set(sides) == {"PRIMARY", "SECONDARY"}
        assert name.endswith(".iot-dev.example.com"), "a CNAME cannot stand at the apex"
        for record in sides.values():
            assert record["type"] == "CNAME"
            judged = record.get("alias", {}).get("evaluate_target_health")
            assert bool(record.get("health_check_id")) != bool(judged)


def test_a_nested_pair_exists_before_the_alias_that_points_at_it(synthesis: Synthesis) -> None:
    stack = synthesis(settings(regions=list(REGIONS[:3])))["iot-dev-entry-point"]
    records = stack.resources("aws_route53_record")
    assert records["failover_1_secondary"]["alias"]["name"] == "mqtt-standby-1.iot-dev.example.com"
    assert records["failover_1_secondary"]["depends_on"] == [
        "aws_route53_record.failover_2_primary",
        "aws_route53_record.failover_2_secondary",
    ]


def test_the_settings_of_the_endpoint_reach_the_records(synthesis: Synthesis) -> None:
    platform = settings(endpoint={"label": "broker", "ttl": 30})
    records = failover_records(synthesis, platform)
    assert list(records) == ["broker.iot-dev.example.com"]
    assert {record["ttl"] for record in records["broker.iot-dev.example.com"].values()} == {30}
