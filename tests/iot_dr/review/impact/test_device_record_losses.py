"""Changes that lose a name, or that take the place of its records."""

import pytest

from iot_dr.review.impact.plan_review import review
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    FLEET,
    IRELAND,
    NAME,
    NOTE,
    OHIO,
    PRIMARY,
    SECONDARY,
    Changes,
    Json,
    device_changes,
    plan,
    reviewed,
    source,
)

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
IRISH = "ireland.fleet.example.com"
NEW = "aws_route53_record.new"
LOST = f"no record of {IRISH} is left, so devices cannot resolve {NAME}"


def test_the_loss_of_both_regional_names_loses_the_device_name() -> None:
    result = reviewed(plan({IRELAND: None, OHIO: None}))
    assert (result.verdict, result.reason) == (
        BLOCK,
        f"the plan destroys the regional name {IRISH}: {LOST}",
    )
    assert [each.verdict for each in result.device_changes] == [BLOCK, BLOCK]


def test_regional_names_lost_in_two_stacks_lose_the_device_name() -> None:
    rest = {each: FLEET[each] for each in FLEET if each not in {IRELAND, OHIO}}
    ireland = plan({IRELAND: None}, standing={IRELAND: FLEET[IRELAND]})
    ohio = plan({OHIO: None}, standing={OHIO: FLEET[OHIO]})
    fleet = plan({}, standing=rest)
    assert review(source(fleet=fleet, ireland=ireland, ohio=ohio), None).verdict is BLOCK


def test_renamed_regional_names_lose_the_device_name() -> None:
    changes: Changes = {
        record: {"name": f"x-{record[-4:]}.example.com", "fqdn": f"x-{record[-4:]}.example.com"}
        for record in (IRELAND, OHIO)
    }
    result = reviewed(plan(changes, replaced=dict.fromkeys(changes, "name")))
    assert result.verdict is BLOCK
    assert f"so devices cannot resolve {NAME}" in result.reason


def test_a_redirected_device_name_does_not_need_the_old_regional_names() -> None:
    hosts = [f"a1-ats.iot.{each}.amazonaws.com" for each in ("eu-north-1", "eu-central-1")]
    led: Changes = {PRIMARY: {"records": hosts[:1]}, SECONDARY: {"records": hosts[1:]}}
    changes: Changes = {**led, IRELAND: None, OHIO: None}
    assert {each.verdict for each in device_changes(plan(changes))} == {WARN}


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        (
            (PRIMARY, SECONDARY),
            (
                f"the plan changes the device name's PRIMARY record: no record of {NAME} is"
                " left, so devices cannot resolve it"
            ),
        ),
        ((IRELAND, OHIO), f"the plan changes the regional name {IRISH}: {LOST}"),
    ],
)
def test_records_of_another_type_count_as_removed(addresses: tuple[str, ...], reason: str) -> None:
    result = reviewed(plan({each: {"type": "TXT"} for each in addresses}))
    assert (result.verdict, result.reason) == (BLOCK, reason)


def test_one_of_two_records_of_another_type_leaves_the_other() -> None:
    (device_change,) = device_changes(plan({PRIMARY: {"type": "TXT"}}))
    assert (device_change.verdict, device_change.why.split("; ")[0]) == (
        BLOCK,
        f"{NAME} loses its PRIMARY record and resolves only to us-east-2",
    )


def test_a_record_that_becomes_an_address_record_is_new() -> None:
    texts = {**FLEET, OHIO: {**FLEET[OHIO], "type": "TXT"}}
    (device_change,) = device_changes(plan({OHIO: {"type": "CNAME"}}, standing=texts))
    assert device_change.why == "ohio.fleet.example.com resolves to us-east-2"


def test_a_device_name_is_never_a_validation_record() -> None:
    target = {"records": ["x.acm-validations.aws"]}
    result = reviewed(plan({PRIMARY: target, SECONDARY: target}))
    assert [each.subject for each in result.device_changes] == [
        "the device name's PRIMARY record",
        "the device name's SECONDARY record",
    ]


def test_a_record_that_overwrites_an_outside_regional_name_warns() -> None:
    without = {each: FLEET[each] for each in FLEET if each != IRELAND}
    new = {**FLEET[OHIO], "name": IRISH, "fqdn": IRISH, "allow_overwrite": True}
    (device_change,) = device_changes(plan({NEW: new}, standing=without))
    assert (device_change.verdict, device_change.why) == (
        WARN,
        f"{IRISH} resolves to us-east-2, and overwrites an existing record",
    )
    (device_change,) = device_changes(
        plan({NEW: {**new, "allow_overwrite": False}}, standing=without)
    )
    assert device_change.verdict is OK


@pytest.mark.parametrize(
    ("overwrites", "why"),
    [
        (
            True,
            (
                f"{IRISH} resolves to us-east-2, where a record that resolves to eu-west-1"
                " already exists, and overwrites it"
            ),
        ),
        (
            False,
            (
                f"{IRISH} resolves to us-east-2, where a record that resolves to eu-west-1"
                " already exists"
            ),
        ),
    ],
)
def test_a_record_that_overwrites_one_of_another_stack_warns(overwrites: bool, why: str) -> None:
    new = {**FLEET[OHIO], "name": IRISH, "fqdn": IRISH, "allow_overwrite": overwrites}
    moved = plan({NEW: new}, standing={NOTE: FLEET[NOTE]})
    (device_change,) = review(source(fleet=plan({}), renaming=moved), None).device_changes
    assert (device_change.verdict, device_change.why.split("; ")[0]) == (WARN, why)


def test_a_new_stack_is_reported_if_it_takes_the_device_name() -> None:
    own_records: Json = {each: FLEET[each] for each in (PRIMARY, SECONDARY)}
    new = plan(own_records, standing={})
    del new["prior_state"]
    by_address = review(source(fleet=plan({}), new=new), None).device_changes
    assert {each.change.stack for each in by_address} == {"new"}
    assert [(each.verdict, each.why.split(", where")[0]) for each in by_address] == [
        (BLOCK, f"{NAME} gets a PRIMARY record that resolves to eu-west-1"),
        (BLOCK, f"{NAME} gets a SECONDARY record that resolves to us-east-2"),
    ]
    # Route 53 accepts a set identifier once for a name and type.
    assert all("set_identifier" in each.why for each in by_address)
    assert review(source(new=new), None).device_changes == ()


def test_a_record_conflicts_with_another_routing_policy_only() -> None:
    third: Json = {**FLEET[SECONDARY], "set_identifier": "third", "failover_routing_policy": []}
    shared = {**third, "multivalue_answer_routing_policy": True}
    by_address = {each.change.address: each for each in device_changes(plan({NEW: shared}))}
    assert by_address[NEW].verdict is WARN
    many = {
        **FLEET,
        PRIMARY: {**FLEET[PRIMARY], "weighted_routing_policy": [{"weight": 1}]},
        SECONDARY: {**FLEET[SECONDARY], "weighted_routing_policy": [{"weight": 1}]},
    }
    for record in (PRIMARY, SECONDARY):
        many[record] = {**many[record], "failover_routing_policy": []}
    weighted = {**third, "weighted_routing_policy": [{"weight": 1}]}
    by_address = {
        each.change.address: each for each in device_changes(plan({NEW: weighted}, standing=many))
    }
    assert by_address[NEW].verdict is OK


@pytest.mark.parametrize(
    "argument",
    [
        *("set_identifier", "failover_routing_policy", "weighted_routing_policy"),
        *("latency_routing_policy", "geolocation_routing_policy", "cidr_routing_policy"),
        *("geoproximity_routing_policy", "multivalue_answer_routing_policy"),
    ],
)
def test_each_routing_argument_is_reported(argument: str) -> None:
    (device_change,) = device_changes(
        plan({SECONDARY: {argument: [{"type": "SECONDARY", "x": "y"}]}})
    )
    assert (device_change.verdict, device_change.why) == (WARN, f"its {argument} changes")


def test_a_new_name_in_the_same_region_is_reported_once() -> None:
    renaming = {"name": "edge.fleet.example.com", "fqdn": "edge.fleet.example.com"}
    shore = {**FLEET[IRELAND], "name": "shore.example.com", "fqdn": "shore.example.com"}
    changes: Changes = {
        PRIMARY: {**renaming, "records": ["shore.example.com"]},
        SECONDARY: {**renaming, "records": ["shore.example.com"]},
        "aws_route53_record.shore": shore,
    }
    device_change, *_ = device_changes(plan(changes, replaced={PRIMARY: "name", SECONDARY: "name"}))
    assert device_change.change.address == PRIMARY
    assert device_change.why.split("; ")[0] == (
        f"the device name changes from {NAME} to edge.fleet.example.com, and devices that use"
        " the old name cannot resolve it"
    )


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("name", "edge.fleet.example.com"),
        ("type", "A"),
        ("set_identifier", "second"),
        ("records", "ireland.fleet.example.com"),
        ("ttl", 300),
        ("health_check_id", "check-both"),
    ],
)
def test_each_argument_of_a_records_target_is_shown(argument: str, value: object) -> None:
    after = {argument: [value] if argument == "records" else value}
    device_change, *_ = [
        change
        for change in device_changes(plan({SECONDARY: after}))
        if change.change.address == SECONDARY
    ]
    assert [each.path.partition("[")[0] for each in device_change.attributes] == [argument]
