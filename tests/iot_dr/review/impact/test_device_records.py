"""The impact of changes to DNS records on devices."""

import pytest

from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    DELEGATION,
    FLEET,
    IRELAND,
    NAME,
    OHIO,
    OHIO_CHECK,
    PRIMARY,
    SECONDARY,
    Changes,
    Json,
    device_changes,
    plan,
    reviewed,
    with_entry,
)

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK


def renamed(*addresses: str) -> Json:
    new_name = "edge.fleet.example.com"
    return plan(
        {each: {"name": new_name, "fqdn": new_name} for each in addresses},
        replaced=dict.fromkeys(addresses, "name"),
    )


def test_a_renamed_device_name_blocks() -> None:
    result = reviewed(renamed(PRIMARY, SECONDARY))
    assert result.verdict is BLOCK
    assert result.reason == (
        "the plan replaces the device name's PRIMARY record, forced by name: the device name"
        f" changes from {NAME} to edge.fleet.example.com, and devices that use the old name"
        " cannot resolve it"
    )
    assert [each.verdict for each in result.device_changes] == [BLOCK, BLOCK]


def test_an_alias_without_target_evaluation_is_reported() -> None:
    alias = {"name": "ohio.fleet.example.com", "zone_id": "Z1", "evaluate_target_health": True}
    before = {**FLEET[SECONDARY], "records": None, "ttl": None, "alias": [alias]}
    after = {**before, "alias": [{**alias, "evaluate_target_health": False}]}
    change = {"actions": ["update"], "before": before, "after": after}
    (device_change,) = device_changes(with_entry(plan({}), SECONDARY, change))
    assert device_change.why == "its alias changes"
    assert [each.path for each in device_change.attributes] == ["alias[0].evaluate_target_health"]


def test_the_delegation_of_an_unneeded_zone_only_warns() -> None:
    record = {**FLEET[DELEGATION], "name": "shop.example.com", "fqdn": "shop.example.com"}
    change = {"actions": ["delete"], "before": record, "after": None}
    (device_change,) = device_changes(with_entry(plan({}), "aws_route53_record.shop", change))
    assert (device_change.verdict, device_change.subject) == (
        WARN,
        "the delegation of shop.example.com",
    )


def test_a_lost_regional_name_that_is_still_a_target_is_reported() -> None:
    (device_change,) = device_changes(plan({OHIO: None}))
    assert device_change.verdict is WARN
    assert device_change.why == (
        "no record of ohio.fleet.example.com is left, but another record still points to it"
    )


def test_a_nested_pair_removed_with_its_alias_is_harmless() -> None:
    grown = {
        **FLEET,
        **{each: FLEET.get(each, {}) | (after or {}) for each, after in nested().items()},
    }
    shrunk: dict[str, Json | None] = dict.fromkeys(nested().keys() - FLEET.keys())
    back: Json = {**FLEET[SECONDARY], "alias": []}
    reported = device_changes(plan({**shrunk, SECONDARY: back}, standing=grown))
    verdicts = {each.change.address: each.verdict for each in reported}
    assert verdicts["aws_route53_record.nested_primary"] is OK
    assert verdicts["aws_route53_record.nested_secondary"] is OK
    assert verdicts[SECONDARY] is WARN


def test_circular_records_end() -> None:
    circle = {IRELAND: {"records": ["ohio.fleet.example.com"]}}
    back = {OHIO: {"records": ["ireland.fleet.example.com"]}}
    reported = device_changes(plan({**circle, **back}))
    assert {each.change.address for each in reported} == {IRELAND, OHIO}


def test_a_sensitive_ttl_is_reported_without_its_value() -> None:
    document = plan({PRIMARY: {"ttl": 300}})
    entry = next(each for each in document["resource_changes"] if each["address"] == PRIMARY)
    entry["change"] |= {"before_sensitive": {"ttl": True}, "after_sensitive": {"ttl": True}}
    (device_change,) = device_changes(document)
    assert (device_change.verdict, device_change.why) == (WARN, "its ttl changes")


def test_a_record_that_moves_to_another_name_is_reported() -> None:
    device_change, *_ = device_changes(renamed(PRIMARY))
    assert device_change.verdict is WARN
    assert device_change.why.startswith("it becomes a record of edge.fleet.example.com")


def test_a_device_name_without_records_blocks() -> None:
    result = reviewed(plan({PRIMARY: None, SECONDARY: None}))
    assert result.verdict is BLOCK
    assert f"no record of {NAME} is left, so devices cannot resolve it" in result.reason


@pytest.mark.parametrize(
    ("first", "alone"),
    [
        (None, "eu-west-1 or to us-east-2"),
        (PRIMARY, "us-east-2"),
        (SECONDARY, "eu-west-1"),
    ],
)
def test_swapped_records_may_all_resolve_to_one_region_in_the_order_of_their_changes(
    first: str | None, alone: str
) -> None:
    sides = {
        PRIMARY: {"records": FLEET[SECONDARY]["records"], "health_check_id": "check-ohio"},
        SECONDARY: {"records": FLEET[PRIMARY]["records"], "health_check_id": "check-both"},
    }
    document = plan(sides)
    for block in document["configuration"]["root_module"]["resources"]:
        if first and block["address"] in {PRIMARY, SECONDARY} - {first}:
            block["depends_on"] = [first]
    primary, secondary = device_changes(document)
    assert primary.why == (
        "new connections go to us-east-2 instead of eu-west-1, and existing connections stay"
        " until they close; Terraform changes one record after the other: in between, all may"
        f" resolve to {alone} alone, and failover does not work"
    )
    assert secondary.why == (
        "when the PRIMARY fails, devices connect to eu-west-1 instead of us-east-2"
    )
    assert {each.verdict for each in (primary, secondary)} == {WARN}


def test_a_replaced_record_reports_what_answers_in_the_gap() -> None:
    change = {PRIMARY: {"set_identifier": "first"}}
    (device_change,) = device_changes(plan(change, replaced={PRIMARY: "set_identifier"}))
    assert device_change.verdict is WARN
    assert device_change.why == (
        f"until the new record is created, {NAME} has only its other records"
    )


def nested() -> Changes:
    """Add a third region after the second, by a nested pair of records."""
    name = "mqtt-standby.fleet.example.com"
    alias = {"name": name, "zone_id": "Z1", "evaluate_target_health": True}
    pair = {
        "PRIMARY": ("ohio.fleet.example.com", "check-ohio"),
        "SECONDARY": ("oslo.fleet.example.com", "check-oslo"),
    }
    records = {
        f"aws_route53_record.nested_{side.lower()}": {
            **FLEET[PRIMARY],
            "name": name,
            "fqdn": name,
            "records": [target],
            "health_check_id": check,
            "failover_routing_policy": [{"type": side}],
            "set_identifier": side.lower(),
        }
        for side, (target, check) in pair.items()
    }
    oslo = {**FLEET[OHIO], "name": "oslo.fleet.example.com", "fqdn": "oslo.fleet.example.com"}
    return {
        SECONDARY: {"records": None, "ttl": None, "alias": [alias], "health_check_id": None},
        **records,
        "aws_route53_record.oslo": {
            **oslo,
            "records": ["a1-ats.iot.eu-north-1.amazonaws.com"],
        },
        "aws_route53_health_check.oslo": {
            **FLEET[OHIO_CHECK],
            "id": "check-oslo",
            "fqdn": "oslo.fleet.example.com",
            "tags": {"Name": "oslo"},
        },
    }


def test_a_third_region_is_reported_with_its_records_and_checks() -> None:
    changes = nested()
    result = reviewed(plan(changes))
    assert [(each.verdict, each.subject, each.why) for each in result.device_changes] == [
        (
            WARN,
            "the device name's SECONDARY record",
            (
                "when the PRIMARY fails, devices connect to us-east-2, or eu-north-1 if that"
                " fails too, instead of us-east-2"
            ),
        ),
        (
            OK,
            "the PRIMARY record of the nested name mqtt-standby.fleet.example.com",
            "mqtt-standby.fleet.example.com gets a PRIMARY record that resolves to us-east-2",
        ),
        (
            OK,
            "the SECONDARY record of the nested name mqtt-standby.fleet.example.com",
            "mqtt-standby.fleet.example.com gets a SECONDARY record that resolves to eu-north-1",
        ),
        (
            OK,
            "the regional name oslo.fleet.example.com",
            "oslo.fleet.example.com resolves to eu-north-1",
        ),
        (
            OK,
            "the health check oslo",
            (
                "a new health check counts as healthy until it has its first results; the"
                " SECONDARY record of the nested name mqtt-standby.fleet.example.com uses it"
            ),
        ),
    ]
