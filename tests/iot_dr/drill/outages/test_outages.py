"""What each kind of outage is expected to do, in environments of every shape."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from environments.settings import Settings
from iot_dr.drill.outages.catalogue import MONTHLY, OUTAGES
from iot_dr.drill.outages.expectation import AnswerReturn, Effect
from iot_dr.drill.outages.outage import detection_limit, return_limit
from iot_dr.drill.outages.stale_dns import STALE
from iot_dr.drill.play.partial_rig import rig_of
from iot_dr.drill.play.world_time import VirtualClock, in_virtual_time
from iot_dr.drill.rig.rig import Rig
from modules.checker_regions import CHECKER_REGIONS
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
    assert switch.reason_to_skip(world(DEEP), PRIMARY) is None
    assert switch.reason_to_skip(world(DEEP), STANDBY) is None
    assert switch.reason_to_skip(world(DEEP), LAST) == "no record depends on this region's switch"


def test_a_second_failure_needs_a_third_region_and_begins_with_the_primary() -> None:
    second = OUTAGES["second-failure"]
    assert second.reason_to_skip(world(DEEP), PRIMARY) is None
    assert second.reason_to_skip(world(DEEP), STANDBY) == "the primary is the first that fails"
    assert second.reason_to_skip(world(SHALLOW), PRIMARY) == "a second failure needs three regions"
    assert second.expects(world(DEEP), PRIMARY).answer_return is AnswerReturn.OPERATOR
    unlatched = with_data(
        settings(regions=list(REGIONS[:3]), recovery={"fail_back": "auto"}),
    )
    assert second.expects(world(unlatched), PRIMARY).answer_return is AnswerReturn.ITSELF


def test_an_alarm_region_can_be_lost_where_a_switch_has_two() -> None:
    lost = OUTAGES["lost-keeper"]
    assert lost.reason_to_skip(world(DEEP), PRIMARY) is None
    assert lost.reason_to_skip(world(DEEP), STANDBY)
    assert lost.reason_to_skip(world(SHALLOW), PRIMARY) == (
        "its switch has one alarm region; three regions have two"
    )


def test_a_canary_that_is_not_there_cannot_fail() -> None:
    assert OUTAGES["canary"].reason_to_skip(world(DEEP), PRIMARY) is None
    assert OUTAGES["canary"].reason_to_skip(world(SHALLOW), PRIMARY)


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


@dataclass
class Noted:
    """A rig of which only is known what was done to it, and when."""

    done: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    region = PRIMARY

    def note(self, what: str) -> None:
        self.done.append((round(asyncio.get_running_loop().time(), 3), what))

    async def kill(self) -> None:
        self.note("kill")

    async def start(self) -> None:
        self.note("start")

    def freeze(self) -> None:
        self.note("freeze")

    def thaw(self) -> None:
        self.note("thaw")

    def answer(self, region: str) -> None:
        self.note(f"answer {region}")

    def blind(self, region: str) -> None:
        self.note(f"blind {region}")

    def unblind(self, region: str) -> None:
        self.note(f"unblind {region}")

    def play(self, script: Callable[[Rig], Awaitable[object]]) -> list[tuple[float, str]]:
        """Run a script, and then for an hour what was left for later."""

        async def main() -> None:
            rig = rig_of(
                world=world(DEEP),
                clock=VirtualClock(),
                brokers={PRIMARY: self},
                servers={PRIMARY: self},
                route53=self,
                dns=self,
                failed=asyncio.get_running_loop().create_future(),
                on_answer=self.answer,
            )
            await script(rig)
            await asyncio.sleep(3600)
            await rig.cancel_background()
            assert not rig.failed.done()

        in_virtual_time(main())
        return self.done


def test_a_region_that_flaps_is_gone_for_too_short_and_for_long_enough_in_turn() -> None:
    done = Noted().play(lambda rig: OUTAGES["flapping"].begin(rig, PRIMARY))
    # Its broker and its server each.
    times = [at for at, what in done[::2] if what]
    assert [what for _, what in done[::2]] == ["kill", "start"] * 4
    gone = [back - lost for lost, back in zip(times[::2], times[1::2], strict=True)]
    assert gone == pytest.approx([45, 99, 45, 99])
    assert times[-1] < (OUTAGES["flapping"].lasts(world(DEEP)) or 0)


def test_name_servers_are_stale_from_the_loss_on_for_a_while_or_until_it_ends() -> None:
    outage = OUTAGES["stale-dns"]
    done = Noted().play(lambda rig: outage.begin(rig, PRIMARY))
    assert done == [
        (0, "freeze"),
        (0, "kill"),
        (0, "kill"),
        (STALE, "thaw"),
        (STALE, f"answer {PRIMARY}"),
    ]
    assert outage.delay == STALE
    ended = Noted().play(lambda rig: outage.end(rig, PRIMARY))
    assert [what for _, what in ended] == ["thaw", f"answer {PRIMARY}", "start", "start"]


def test_an_hour_is_an_hour_of_a_region_that_is_gone() -> None:
    hour, kill = OUTAGES["hour"], OUTAGES["kill"]
    assert (hour.begin, hour.end) == (kill.begin, kill.end)
    assert hour.lasts(world(DEEP)) == 3600


def test_the_checkers_of_one_region_are_blind_until_it_ends() -> None:
    outage = OUTAGES["blind-checkers"]

    async def script(rig: Rig) -> None:
        await outage.begin(rig, PRIMARY)
        await outage.end(rig, PRIMARY)

    blind = CHECKER_REGIONS[0]
    assert Noted().play(script) == [(0, f"blind {blind}"), (0, f"unblind {blind}")]


def test_a_lost_alarm_region_keeps_the_check_of_the_other_switch() -> None:
    removed = list[str]()

    class Removing:
        def remove_alarm(self, alarm_id: str) -> None:
            removed.append(alarm_id)

    of = world(DEEP)
    in_last = [alarm for alarm in of.alarms.values() if alarm.region == LAST]
    assert {alarm.dimensions["Region"] for alarm in in_last} == {PRIMARY, STANDBY}
    rig_of(world=of, route53=Removing(), lost_alarm_regions={LAST}).remove_lost_alarm_regions(
        PRIMARY
    )
    assert removed == [alarm.id for alarm in in_last if alarm.dimensions["Region"] == PRIMARY]
