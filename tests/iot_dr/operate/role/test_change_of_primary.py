"""What a change of primary is said to change, from the plans."""

from iot_dr.operate.role.change_of_primary import regions_with_evaluated_switch
from iot_dr.operate.role.effects import effects
from iot_dr.operate.role.record import Lead, RecordChange
from tests.iot_dr.operate.role.plans import change_of, entry
from tests.support.settings import REGIONS, settings

WEST, CENTRAL, NORTH = REGIONS[:3]
TWO = settings()
TWO_THEN = settings(primary_region=CENTRAL)
THREE = settings(regions=[WEST, CENTRAL, NORTH])
THREE_THEN = settings(regions=[WEST, CENTRAL, NORTH], primary_region=NORTH)
AUTO = {"recovery": {"fail_back": "auto"}}


def test_each_record_is_reported_with_where_it_leads_and_what_it_asks() -> None:
    assert change_of(TWO, TWO_THEN).records == (
        RecordChange(
            address="aws_route53_record.failover_1_primary",
            name="mqtt.iot-dev.example.com",
            side="PRIMARY",
            now=Lead(WEST, f"deep and switch of {WEST}"),
            then=Lead(CENTRAL, f"deep and switch of {CENTRAL}"),
        ),
        RecordChange(
            address="aws_route53_record.failover_1_secondary",
            name="mqtt.iot-dev.example.com",
            side="SECONDARY",
            now=Lead(CENTRAL, f"TCP of {CENTRAL}"),
            then=Lead(WEST, f"TCP of {WEST}"),
        ),
    )


def test_a_nested_name_is_led_to_now_and_then() -> None:
    results = {
        each.address.rpartition(".")[2]: each for each in change_of(THREE, THREE_THEN).records
    }
    nested = "mqtt-standby-1.iot-dev.example.com"
    to_nested = Lead(nested, f"target health of {nested}")
    above = results["failover_1_secondary"]
    assert (above.now, above.then) == (to_nested, to_nested)
    below = results["failover_2_primary"]
    assert below.name == nested
    assert below.now == Lead(CENTRAL, f"TCP and switch of {CENTRAL}")
    assert below.then == Lead(WEST, f"TCP and switch of {WEST}")


def test_the_watcher_moves_when_the_first_standby_is_another_one() -> None:
    assert change_of(TWO, TWO_THEN).watcher == (CENTRAL, WEST)
    back = settings(regions=[WEST, CENTRAL, NORTH], primary_region=CENTRAL)
    stays = change_of(back, THREE_THEN)
    assert stays.watcher == (WEST, WEST)
    assert f"The watcher stays in {WEST} and will watch {NORTH}" in " ".join(effects(stays))


def test_without_a_watcher_that_is_reported() -> None:
    change = change_of(settings(**AUTO), settings(primary_region=CENTRAL, **AUTO))
    assert change.watcher == (None, None)
    assert "Fail-back: auto; no watcher" in " ".join(effects(change))


def test_checks_and_alarms_that_stay_are_counted() -> None:
    stays = {"name": "x"}
    more = [
        entry("aws_route53_health_check", "tcp_eu_west_1", stays, stays),
        entry("aws_cloudwatch_metric_alarm", "switch_eu_west_1", stays, stays),
        entry("aws_cloudwatch_metric_alarm", "watcher_eu_west_1", None, stays),
    ]
    change = change_of(TWO, TWO_THEN, *more)
    assert (change.unchanged_checks, change.unchanged_alarms) == (1, 1)
    assert change.refusals == ()


def test_the_switch_of_the_last_region_is_not_among_those_asked() -> None:
    assert regions_with_evaluated_switch(TWO) == (WEST,)
    assert regions_with_evaluated_switch(TWO_THEN) == (CENTRAL,)
    assert regions_with_evaluated_switch(THREE_THEN) == (NORTH, WEST)


def test_what_is_applied_already_is_seen_by_where_the_primary_leads() -> None:
    assert change_of(TWO, TWO_THEN).applied_primary == WEST
    assert change_of(TWO_THEN, TWO_THEN).applied_primary == CENTRAL


def test_with_two_regions_there_may_be_no_standby_concurrently_and_with_three_there_is() -> None:
    # The PRIMARY record changes first, so never do all records lead to the old primary.
    assert change_of(TWO, TWO_THEN).without_standby == (CENTRAL,)
    assert (
        f"nothing fails over. So change the primary only while {CENTRAL} is healthy."
        in " ".join(effects(change_of(TWO, TWO_THEN)))
    )
    assert change_of(THREE, THREE_THEN).without_standby == ()
    assert "During the change" not in " ".join(effects(change_of(THREE, THREE_THEN)))
