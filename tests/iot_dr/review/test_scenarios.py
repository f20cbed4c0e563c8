"""Reviews of typical changes, planned by Terraform."""

from dataclasses import replace

import pytest

from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import Review
from iot_dr.rules.rule import Verdict
from tests.support import review_scenarios as scenarios
from tests.support.settings import UNKNOWN_DEVICES

pytestmark = pytest.mark.usefixtures("lent")

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
ENTRY, WEST, CENTRAL, NORTH = (
    f"iot-dev-{name_}"
    for name_ in ("entry-point", "iot-eu-west-1", "iot-eu-central-1", "iot-eu-north-1")
)
FIRST_PRIMARY = "aws_route53_record.failover_1_primary"
FIRST_SECONDARY = "aws_route53_record.failover_1_secondary"


def reviewed(name: str) -> Review:
    return review(scenarios.scenario(name), design_expectation(scenarios.scenario_settings(name)))


def summary(result: Review) -> list[tuple[Verdict, str, str]]:
    return [
        (each.verdict, each.change.stack, each.change.address) for each in result.device_changes
    ]


def changed(result: Review) -> set[str]:
    return {each.name for each in result.stacks if each.has_changes}


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_every_finding_of_a_scenario_is_included_in_a_device_change(name: str) -> None:
    result = reviewed(name)
    assert result.other_findings == ()
    assert result.asymmetric_changes == ()
    accepted = [each.finding.rule for each in result.judgement.suppressed]
    assert accepted == [UNKNOWN_DEVICES["rule"]]
    assert {each.status for each in result.stacks} == {"planned"}
    assert not any(each.drift for each in result.stacks)


def test_a_first_deployment_needs_no_attention() -> None:
    result = reviewed(scenarios.FIRST)
    assert (result.verdict, result.device_changes) == (OK, ())
    assert result.reason == "a first deployment: nothing that devices depend on exists yet"
    assert changed(result) == {each.name for each in result.stacks}
    assert result.recovery is None


def test_a_longer_ttl_warns_for_the_device_name_only() -> None:
    result = reviewed(scenarios.TTL)
    assert (result.verdict, result.reason) == (
        WARN,
        (
            "the plan changes the device name's PRIMARY record: resolvers cache the answer"
            " for up to 120 s instead of 60 s, so after a failover the last devices may reconnect"
            " 60 s later"
        ),
    )
    regional = "aws_route53_record.regional_name"
    assert summary(result) == [
        (WARN, ENTRY, FIRST_PRIMARY),
        (WARN, ENTRY, FIRST_SECONDARY),
        (OK, WEST, regional),
        (OK, CENTRAL, regional),
    ]
    assert {each.path for one in result.device_changes for each in one.attributes} == {"ttl"}
    assert changed(result) == {ENTRY, WEST, CENTRAL}
    assert result.hand_overs == ()
    assert result.recovery
    assert result.recovery.after.bound == result.recovery.before.bound + 60


def test_an_added_region_is_reported_by_its_impact_on_existing_devices() -> None:
    result = reviewed(scenarios.REGION)
    assert (result.verdict, result.reason) == (
        WARN,
        (
            "the plan changes the device name's SECONDARY record: when the PRIMARY fails,"
            " devices connect to eu-central-1, or eu-north-1 if that fails too, instead of"
            " eu-central-1"
        ),
    )
    assert summary(result) == [
        (WARN, ENTRY, FIRST_SECONDARY),
        (WARN, ENTRY, "aws_route53_health_check.calculated_deep_eu_west_1"),
        (WARN, ENTRY, "aws_route53_health_check.calculated_tcp_eu_central_1"),
        (OK, ENTRY, "aws_route53_record.failover_2_primary"),
        (OK, ENTRY, "aws_route53_record.failover_3_primary"),
        (OK, ENTRY, "aws_route53_record.failover_2_secondary"),
        (OK, ENTRY, "aws_route53_record.failover_3_secondary"),
        (OK, ENTRY, "aws_route53_health_check.calculated_deep_eu_central_1"),
        (OK, ENTRY, "aws_route53_health_check.calculated_tcp_eu_west_1"),
        (OK, ENTRY, "aws_route53_health_check.switch_eu_central_1_second"),
        (OK, ENTRY, "aws_route53_health_check.switch_eu_west_1_second"),
        (OK, ENTRY, "aws_route53_health_check.tcp_eu_north_1"),
    ]
    assert [each.path for each in result.device_changes[3].attributes] == [
        "health_check_id",
        "name",
        "records[0]",
        "ttl",
    ]
    assert changed(result) == {"iot-dev-state", NORTH, ENTRY}
    readers = {
        (over.output.stack, over.output.name): [who.stack for who in over.consumers]
        for over in result.hand_overs
    }
    assert readers[NORTH, "regional_name"] == [ENTRY]
    assert readers[NORTH, "deep_check_id"] == [ENTRY]
    assert (ENTRY, "health_check_ids") not in readers


def test_another_label_blocks() -> None:
    result = reviewed(scenarios.LABEL)
    assert (result.verdict, result.reason) == (
        BLOCK,
        (
            "the plan replaces the device name's PRIMARY record, forced by name: the device"
            " name changes from mqtt.iot-dev.example.com to edge.iot-dev.example.com, and"
            " devices that use the old name cannot resolve it"
        ),
    )
    domain, regional = "aws_iot_domain_configuration", "aws_route53_record.regional_name"
    check = "aws_route53_health_check"
    assert summary(result) == [
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
    assert {each.attributes[0].path for each in result.device_changes if each.verdict is BLOCK} == {
        "name",
        "domain_name",
    }
    assert [(each.output.stack, each.output.name) for each in result.hand_overs] == [
        (WEST, "regional_name"),
        (CENTRAL, "regional_name"),
    ]


def test_another_primary_is_reported_by_new_connections() -> None:
    result = reviewed(scenarios.PRIMARY)
    assert (result.verdict, result.reason) == (
        WARN,
        (
            "the plan changes the device name's PRIMARY record: new connections go to"
            " eu-central-1 instead of eu-west-1, and existing connections stay until they"
            " close"
        ),
    )
    assert summary(result) == [
        (WARN, ENTRY, FIRST_PRIMARY),
        (WARN, ENTRY, FIRST_SECONDARY),
        (OK, ENTRY, "aws_cloudwatch_metric_alarm.watcher_eu_central_1"),
    ]
    assert result.device_changes[2].why == (
        "it moves to eu-west-1, and no failover is latched until then"
    )
    assert changed(result) == {ENTRY}
    assert result.hand_overs == ()


@pytest.mark.parametrize("name", [scenarios.TTL, scenarios.LABEL])
def test_a_single_wave_distinguishes_regional_and_device_names(name: str) -> None:
    whole = scenarios.scenario(name)
    wave = replace(
        whole, stacks=tuple(each for each in whole.stacks if each.name in {WEST, CENTRAL})
    )
    result = review(wave, design_expectation(scenarios.scenario_settings(name)))
    alone = {
        (each.change.stack, each.change.address): each.subject for each in result.device_changes
    }
    together = {
        (change.change.stack, change.change.address): change.subject
        for change in reviewed(name).device_changes
        if change.change.stack in {WEST, CENTRAL}
    }
    assert alone == together
    assert alone
