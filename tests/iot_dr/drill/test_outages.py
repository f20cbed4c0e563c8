"""What each kind of outage is expected to do, in environments of every shape."""

from dataclasses import replace

import pytest

from environments.settings import Settings
from iot_dr.drill.expectation import Effect
from iot_dr.drill.outage import detection_limit, return_limit
from iot_dr.drill.outages.catalogue import MONTHLY, OUTAGES
from tests.support.drill_worlds import world
from tests.support.settings import REGIONS, settings, with_data

PRIMARY, STANDBY, LAST = REGIONS[:3]
DEEP = with_data(settings(regions=list(REGIONS[:3])))
SHALLOW = with_data(settings(health={"mode": "shallow"}))

LOSSES = ("kill", "drop", "stale-dns", "control-plane", "hour")
SEEN_DEEP_ALONE = ("expired", "authorization", "freeze")


def effect(kind: str, chosen: Settings, region: str = PRIMARY) -> Effect:
    return OUTAGES[kind].expects(world(chosen), region).effect


@pytest.mark.parametrize("kind", LOSSES)
def test_the_loss_of_the_primary_moves_devices_in_every_mode(kind: str) -> None:
    assert effect(kind, DEEP) is effect(kind, SHALLOW) is Effect.MOVES


@pytest.mark.parametrize("kind", SEEN_DEEP_ALONE)
def test_what_still_accepts_connections_moves_devices_where_the_check_is_deep(kind: str) -> None:
    assert effect(kind, DEEP) is Effect.MOVES
    assert effect(kind, SHALLOW) is Effect.BLIND


@pytest.mark.parametrize("region", [STANDBY, LAST])
@pytest.mark.parametrize("kind", [*LOSSES, *SEEN_DEEP_ALONE, "device-policy", "canary", "slow"])
def test_nothing_that_befalls_a_standby_moves_devices(kind: str, region: str) -> None:
    assert effect(kind, DEEP, region) is Effect.STAYS


def test_a_switch_that_no_record_asks_is_not_rehearsed() -> None:
    switch = OUTAGES["switch"]
    assert switch.unfit(world(DEEP), PRIMARY) is None
    assert switch.unfit(world(DEEP), STANDBY) is None
    assert switch.unfit(world(DEEP), LAST) == "no record asks this region's switch"


def test_a_canary_that_is_not_there_cannot_fail() -> None:
    assert OUTAGES["canary"].unfit(world(DEEP), PRIMARY) is None
    assert OUTAGES["canary"].unfit(world(SHALLOW), PRIMARY)


def test_the_outages_of_each_month_are_kinds_that_there_are() -> None:
    assert set(MONTHLY) <= set(OUTAGES)
    assert all(name == outage.name for name, outage in OUTAGES.items())


def test_a_region_flaps_around_what_its_check_needs_also_where_nothing_is_asked() -> None:
    lasts = OUTAGES["flapping"].lasts
    asked, unasked = lasts(world(DEEP)), lasts(replace(world(DEEP), checks={}))
    assert asked
    assert unasked
    # Four times, three checks that are 30 s apart.
    assert asked > 4 * 90 > unasked > 0


def test_a_design_without_checks_and_switches_is_given_time_all_the_same() -> None:
    unasked = replace(world(DEEP), checks={}, alarms={})
    assert detection_limit(unasked) > 0
    assert detection_limit(world(DEEP)) > return_limit(world(DEEP)) > 90
