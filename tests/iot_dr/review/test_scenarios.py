"""The changes that the issue names, planned by Terraform: each review tells just that."""

from dataclasses import replace

import pytest

from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import Review
from iot_dr.rules.rule import Verdict
from tests.support import review_scenarios as scenarios

pytestmark = pytest.mark.usefixtures("lent")

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
ENTRY, WEST, CENTRAL, NORTH = (
    f"iot-dev-{what}"
    for what in ("entry-point", "iot-eu-west-1", "iot-eu-central-1", "iot-eu-north-1")
)
FIRST_PRIMARY = "aws_route53_record.failover_1_primary"
FIRST_SECONDARY = "aws_route53_record.failover_1_secondary"


def reviewed(name: str) -> Review:
    return review(scenarios.scenario(name), scenarios.scenario_settings(name))


def told(made: Review) -> list[tuple[Verdict, str, str]]:
    return [(each.verdict, each.change.stack, each.change.address) for each in made.device_changes]


def changed(made: Review) -> set[str]:
    return {each.name for each in made.stacks if each.has_changes}


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_no_scenario_breaks_a_rule_that_is_not_told_where_it_happens(name: str) -> None:
    made = reviewed(name)
    assert made.other_findings == ()
    assert made.asymmetric_changes == ()
    assert made.judgement.suppressed == ()
    assert {each.status for each in made.stacks} == {"planned"}
    assert not any(each.drift for each in made.stacks)


def test_a_first_deployment_needs_no_eyes() -> None:
    made = reviewed(scenarios.FIRST)
    assert (made.verdict, made.device_changes) == (OK, ())
    assert made.reason == "a first deployment: nothing that devices depend on exists yet"
    assert changed(made) == {each.name for each in made.stacks}
    assert made.recovery is None


def test_a_longer_ttl_is_reported_of_the_device_name_and_weighs_nothing_for_regional_names() -> (
    None
):
    made = reviewed(scenarios.TTL)
    assert (made.verdict, made.reason) == (
        WARN,
        (
            "the plan changes the device name's PRIMARY record: resolvers cache the answer"
            " for up to 120 s instead of 60 s, so after a failover devices may reconnect 60 s"
            " later"
        ),
    )
    regional = "aws_route53_record.regional_name"
    assert told(made) == [
        (WARN, ENTRY, FIRST_PRIMARY),
        (WARN, ENTRY, FIRST_SECONDARY),
        (OK, WEST, regional),
        (OK, CENTRAL, regional),
    ]
    assert {each.path for one in made.device_changes for each in one.attributes} == {"ttl"}
    assert changed(made) == {ENTRY, WEST, CENTRAL}
    assert made.hand_overs == ()
    assert made.recovery
    assert made.recovery.after.bound == made.recovery.before.bound + 60


def test_a_region_that_joins_is_reported_by_what_changes_for_devices_that_are_there() -> None:
    made = reviewed(scenarios.REGION)
    assert (made.verdict, made.reason) == (
        WARN,
        (
            "the plan changes the device name's SECONDARY record: when the PRIMARY fails,"
            " devices connect to eu-central-1, or eu-north-1 if that fails too, instead of"
            " eu-central-1"
        ),
    )
    assert told(made) == [
        (WARN, ENTRY, FIRST_SECONDARY),
        (OK, ENTRY, "aws_route53_record.failover_2_primary"),
        (OK, ENTRY, "aws_route53_record.failover_2_secondary"),
        (OK, ENTRY, "aws_route53_health_check.tcp_eu_north_1"),
    ]
    assert [each.path for each in made.device_changes[1].attributes] == [
        "health_check_id",
        "name",
        "records[0]",
        "ttl",
    ]
    assert changed(made) == {"iot-dev-state", NORTH, ENTRY}
    readers = {
        (each.output.stack, each.output.name): [who.stack for who in each.consumers]
        for each in made.hand_overs
    }
    assert readers[NORTH, "regional_name"] == [ENTRY]
    assert readers[NORTH, "deep_check_id"] == [ENTRY]
    assert (ENTRY, "health_check_ids") not in readers


def test_another_label_blocks_for_devices_know_the_old_name() -> None:
    made = reviewed(scenarios.LABEL)
    assert (made.verdict, made.reason) == (
        BLOCK,
        (
            "the plan replaces the device name's PRIMARY record, forced by name: the device"
            " name changes from mqtt.iot-dev.example.com to edge.iot-dev.example.com, and"
            " devices that use the old name cannot resolve it"
        ),
    )
    domain, regional = "aws_iot_domain_configuration", "aws_route53_record.regional_name"
    check = "aws_route53_health_check"
    assert told(made) == [
        (BLOCK, ENTRY, FIRST_PRIMARY),
        (BLOCK, ENTRY, FIRST_SECONDARY),
        (BLOCK, WEST, f"{domain}.device_name"),
        (BLOCK, WEST, f"{domain}.regional_name"),
        (BLOCK, CENTRAL, f"{domain}.device_name"),
        (BLOCK, CENTRAL, f"{domain}.regional_name"),
        (WARN, WEST, regional),
        (WARN, CENTRAL, regional),
        (WARN, ENTRY, f"{check}.tcp_eu_central_1"),
        (OK, ENTRY, f"{check}.tcp_eu_west_1"),
    ]
    assert {each.attributes[0].path for each in made.device_changes if each.verdict is BLOCK} == {
        "name",
        "domain_name",
    }
    assert [(each.output.stack, each.output.name) for each in made.hand_overs] == [
        (WEST, "regional_name"),
        (CENTRAL, "regional_name"),
    ]


def test_another_primary_is_reported_by_where_new_connections_go() -> None:
    made = reviewed(scenarios.PRIMARY)
    assert (made.verdict, made.reason) == (
        WARN,
        (
            "the plan changes the device name's PRIMARY record: new connections go to"
            " eu-central-1 instead of eu-west-1, and existing connections stay until they"
            " close"
        ),
    )
    assert told(made) == [
        (WARN, ENTRY, FIRST_PRIMARY),
        (WARN, ENTRY, FIRST_SECONDARY),
        (OK, ENTRY, "aws_cloudwatch_metric_alarm.watcher_eu_central_1"),
    ]
    assert made.device_changes[2].why == (
        "it moves to eu-west-1, and no failover is latched until then"
    )
    assert changed(made) == {ENTRY}
    assert made.hand_overs == ()


@pytest.mark.parametrize("name", [scenarios.TTL, scenarios.LABEL])
def test_a_wave_alone_tells_regional_names_from_the_device_name(name: str) -> None:
    whole = scenarios.scenario(name)
    wave = replace(
        whole, stacks=tuple(each for each in whole.stacks if each.name in {WEST, CENTRAL})
    )
    made = review(wave, scenarios.scenario_settings(name))
    alone = {(each.change.stack, each.change.address): each.subject for each in made.device_changes}
    together = {
        (each.change.stack, each.change.address): each.subject
        for each in reviewed(name).device_changes
        if each.change.stack in {WEST, CENTRAL}
    }
    assert alone == together
    assert alone
