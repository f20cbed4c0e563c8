"""Scores of games on the virtual clock."""

from dataclasses import replace

import pytest

from environments.loader import load
from iot_dr.drill.play.platform import Platform
from iot_dr.drill.play.score import HELD, Command, FleetOutcome, FleetRecovery, Score, mistake
from iot_dr.drill.play.world_time import in_virtual_time
from iot_dr.drill.rig.world.world import World
from iot_dr.observe.switch.metric import Action
from tests.support.drill_worlds import world
from tests.support.settings import settings

PRIMARY, STANDBY = "eu-west-1", "eu-central-1"


@pytest.fixture(scope="module")
def dev() -> World:
    return world(load("dev", {}))


def test_where_nothing_happens_devices_are_back_at_once_without_an_operator(dev: World) -> None:
    alone = FleetOutcome.alone(Platform(dev, "blind-checkers", 3), 900)
    assert alone == FleetOutcome(messages_lost=0, back=0)


def test_devices_that_nobody_moves_lose_messages_until_somebody_does(dev: World) -> None:
    alone = FleetOutcome.alone(Platform(dev, "device-policy", 3), 900)
    platform, recovery = Platform(dev, "device-policy", 3), FleetRecovery()

    def look() -> None:
        recovery.look(platform)
        if platform.now - (platform.began or 0) == 120:
            platform.put(STANDBY, PRIMARY, "away")

    in_virtual_time(platform.run([*range(5, 901, 5)], look))
    operated = FleetOutcome.of(platform, recovery)
    assert alone.back is None
    assert operated.back is not None
    assert 120 < operated.back < 400
    # 150 devices make a message each ten seconds, and keep six.
    assert 150 * 50 < alone.messages_lost <= 150 * 90
    assert operated.messages_lost < alone.messages_lost / 2


def test_a_region_that_fails_over_by_itself_is_back_without_an_operator(dev: World) -> None:
    alone = FleetOutcome.alone(Platform(dev, "kill", 3), 900)
    assert alone.back is not None
    assert 60 < alone.back < 300


def test_a_platform_without_a_deep_check_is_moved_by_its_tcp_check() -> None:
    platform = Platform(world(settings(health={"mode": "shallow"})), "kill", 3)
    assert 0 < (FleetOutcome.alone(platform, 900).back or 0) < 300
    assert {id_.split()[0] for id_ in platform.checks} == {"tcp"}


@pytest.mark.parametrize(
    ("outage", "action", "region", "wrong"),
    [
        ("device-policy", "away", PRIMARY, ""),
        ("device-policy", "away", STANDBY, f"the device name did not resolve to {STANDBY}"),
        ("device-policy", "back", PRIMARY, f"{PRIMARY} does not work"),
        ("both", "away", PRIMARY, "no other region works"),
        ("blind-checkers", "away", PRIMARY, f"{PRIMARY} served all devices"),
        ("one-address", "away", PRIMARY, ""),
        ("switch", "back", PRIMARY, ""),
    ],
)
def test_a_switch_that_does_not_help_is_a_mistake(
    dev: World, outage: str, action: Action, region: str, wrong: str
) -> None:
    platform, seen = Platform(dev, outage, 1), list[str]()
    look = lambda: seen.append(mistake(platform, region, action))  # noqa: E731 - one look
    in_virtual_time(platform.run([20], look))
    assert seen == [wrong]


def test_devices_must_be_back_for_long_enough() -> None:
    recovery = FleetRecovery(back=100)
    assert not recovery.is_held(99 + HELD)
    assert recovery.is_held(100 + HELD)
    assert not FleetRecovery().is_held(9999)


SCORE = Score(
    environment="dev",
    outage="device-policy",
    title="devices are refused while the canary publishes",
    region=PRIMARY,
    seed=26,
    speed=1,
    begin=100,
    lasted=700,
    commands=[
        Command(at=50, name="status"),
        Command(at=130, name="status"),
        Command(at=150, name="switch away b", is_write=True, wrong="it served nobody"),
        Command(at=190, name="switch away a", is_write=True),
    ],
    operated=FleetOutcome(messages_lost=1234, back=200),
    alone=FleetOutcome(messages_lost=9999, back=None),
)


def test_the_first_command_after_the_outage_notices_it_and_the_first_right_switch_acts() -> None:
    assert (SCORE.noticed, SCORE.acted) == (30, 90)
    assert [each.name for each in SCORE.wrong] == ["switch away b"]
    assert SCORE.document()["wrong_actions"] == 1
    assert "never" in SCORE.text()
    assert "switch away b at 2:30: it served nobody" in SCORE.text()


def test_a_game_that_ends_before_the_outage_has_no_times() -> None:
    early = replace(SCORE, begin=None)
    assert (early.noticed, early.acted) == (None, None)
    assert "before the outage" in early.text()
