"""When a rehearsal breaks, restores and ends what exists: in virtual time, with no real parts."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.design.metric_alarms import MetricAlarm
from iot_dr.drill.fleet.consumer import MessageLedger
from iot_dr.drill.fleet.fleet import UnservedError
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.fleet.machine import Limits
from iot_dr.drill.outages.expectation import AnswerReturn, Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit, return_limit
from iot_dr.drill.play.partial_rig import rig_of
from iot_dr.drill.play.world_time import VirtualClock, in_virtual_time
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import Connection, Options, Recording
from iot_dr.drill.rehearsal import Rehearsal
from iot_dr.drill.rig.lag import EventLoopLag
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.running_rig import RigSpecification
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.failover_cause import FailoverCause, cause_time
from iot_dr.generate.expectation import recovery_inputs
from tests.support.drill_worlds import world
from tests.support.settings import REGIONS, settings, with_data

PRIMARY, STANDBY = REGIONS[:2]
SETTINGS = with_data(settings())
DEVICES = 20
OPTIONS = Options(devices=DEVICES, speed=1, seed=1, habits=Habits(ceiling=30))
SETTLING, MARGIN, BACK_AFTER = 10.0, 30.0, 40.0


@dataclass
class Stage:
    """A rig of which only its devices' regions are known, and what was done to it when."""

    design: World = field(default_factory=lambda: world(SETTINGS))
    decision: str = "well"
    settles: float = 0.0
    devices_lag: float = 0.0
    back_after: float | None = BACK_AFTER
    unconnected: str = ""
    refusals: dict[str, str] = field(default_factory=dict[str, str])
    states: dict[str, str] = field(default_factory=dict[str, str])
    counts: Counter[str] = field(default_factory=lambda: Counter({PRIMARY: DEVICES}))
    done: dict[str, float] = field(default_factory=dict[str, float])

    def note(self, what: str) -> None:
        self.done[what] = asyncio.get_running_loop().time()

    async def begin(self, _rig: Rig, _region: str) -> None:
        """End all links; devices are back in the standby after a while."""
        self.note("begun")
        self.counts.clear()
        if self.back_after is not None:
            back = {STANDBY: DEVICES}
            asyncio.get_running_loop().call_later(self.back_after, self.counts.update, back)

    async def end(self, _rig: Rig, _region: str) -> None:
        self.note("ended")

    async def connected(self, _patience: float) -> None:
        self.note("connected")
        if self.unconnected:
            raise UnservedError(self.unconnected)

    async def refusal(self, region: str) -> str:
        self.note(f"probed {region}")
        return self.refusals.get(region, "")

    def is_in_alarm(self, alarms: Iterable[MetricAlarm]) -> bool:
        return any(self.states[alarm.id] == "ALARM" for alarm in alarms)

    async def settled(self) -> None:
        await asyncio.sleep(self.settles)

    async def stop(self) -> Logbook:
        self.note("stopped")
        links = [Connection(device=0, region=PRIMARY, begin=0, end=None)]
        return Logbook(links, lag=self.devices_lag)

    def rig(self) -> Rig:
        loop = asyncio.get_running_loop()
        decision: asyncio.Future[str] = loop.create_future()
        decision.set_result(self.decision)
        failed: asyncio.Future[str] = loop.create_future()
        return rig_of(
            world=self.design,
            clock=VirtualClock(),
            route53=self,
            cloudwatch=self,
            consumers=(),
            ledger=MessageLedger(),
            fleet=self,
            decision=decision,
            deaths=[failed],
            failed=failed,
            lag=EventLoopLag(VirtualClock()),
        )

    def outage(self, effect: Effect = Effect.MOVES, **changes: Any) -> Outage:
        usual = Outage(
            name="loss",
            title="the region is lost",
            begin=self.begin,
            end=self.end,
            expects=lambda _world, _region: Expectation(effect, "so it is designed"),
        )
        return replace(usual, **changes)

    def play(
        self,
        outage: Outage,
        chosen: Settings = SETTINGS,
        after: Callable[[Rig, asyncio.Task[None]], object] = lambda _rig, _task: None,
    ) -> Recording:
        """Rehearse it; `after` 300 seconds something may happen to the rig or the rehearsal."""
        specification = RigSpecification(
            settings=chosen,
            world=self.design,
            options=OPTIONS,
            connect_rate=100,
            has_relays=False,
        )
        machine = Limits(cores=2, descriptors=4096, connect_rate=300).machine(DEVICES, 1, 30)
        recorder = Recorder(self.design, outage, PRIMARY, OPTIONS, machine)
        rehearsal = Rehearsal(
            specification, outage, PRIMARY, recorder, lambda _phase, _counts: None
        )

        async def main() -> None:
            rig = self.rig()
            task = asyncio.ensure_future(rehearsal.run_on(rig))
            asyncio.get_running_loop().call_later(300, after, rig, task)
            await task

        in_virtual_time(main())
        return recorder.recording()


def for_400_s(_world: World) -> float:
    return 400


def soon(seconds: float) -> Any:
    """A time that is noticed late by the steps in which the rehearsal looks."""
    return pytest.approx(seconds + 0.1, abs=0.2)


def test_an_outage_is_undone_once_all_devices_are_elsewhere_and_what_comes_back_is_waited_for() -> (
    None
):
    stage = Stage()
    recording = stage.play(stage.outage())
    assert not recording.is_partial
    assert recording.restored == soon(BACK_AFTER + SETTLING)
    assert recording.ended - (recording.restored or 0) == soon(
        max(return_limit(stage.design), 30 + OPTIONS.habits.connect_timeout) + SETTLING
    )
    assert [each.region for each in recording.connections] == [PRIMARY]


def latched(_world: World, _region: str) -> Expectation:
    return Expectation(Effect.MOVES, "so it is designed", answer_return=AnswerReturn.LATCHED)


@pytest.mark.parametrize("seconds", [20, 150])
def test_where_fail_back_is_latched_the_outage_lasts_until_the_switch_is_set(
    seconds: float,
) -> None:
    stage = Stage()
    (alarm,) = (each.id for each in stage.design.alarms.values() if _is_of(each, PRIMARY))
    stage.states = dict.fromkeys(stage.design.alarms, "OK")

    async def begin(rig: Rig, region: str) -> None:
        await stage.begin(rig, region)
        change = {alarm: "ALARM"}
        asyncio.get_running_loop().call_later(seconds, stage.states.update, change)

    recording = stage.play(stage.outage(begin=begin, expects=latched))
    assert recording.restored == soon(max(seconds, BACK_AFTER) + SETTLING)


def test_a_switch_that_is_never_set_is_waited_for_as_long_as_the_watcher_may_take() -> None:
    stage = Stage()
    stage.states = dict.fromkeys(stage.design.alarms, "OK")
    restored = stage.play(stage.outage(expects=latched)).restored
    inputs = recovery_inputs(SETTINGS, DEVICES)
    assert restored
    assert restored > cause_time(inputs, FailoverCause.WATCHER).bound


def _is_of(alarm: MetricAlarm, region: str) -> bool:
    return alarm.dimensions["Region"] == region


def test_the_delay_of_the_devices_process_counts_if_it_is_the_longer_one() -> None:
    stage = Stage(devices_lag=7.5)
    machine = stage.play(stage.outage()).machine
    assert machine
    assert machine.lag == 7.5


def test_every_standby_is_probed_before_the_outage() -> None:
    stage = Stage(refusals={STANDBY: "not authorized"})
    recording = stage.play(stage.outage())
    assert recording.unserved == {STANDBY: "not authorized"}
    assert stage.done[f"probed {STANDBY}"] <= stage.done["begun"]
    served = Stage()
    assert served.play(served.outage()).unserved == {}
    assert f"probed {PRIMARY}" not in served.done


def test_without_a_primary_that_serves_all_devices_no_outage_begins() -> None:
    stage = Stage(unconnected="18 of 20 devices are connected after 30 s")
    recording = stage.play(stage.outage())
    assert recording.unserved == {PRIMARY: "18 of 20 devices are connected after 30 s"}
    assert "begun" not in stage.done
    assert not recording.is_partial


def test_devices_that_stay_away_are_given_up_after_what_the_design_promises_and_a_margin() -> None:
    stage = Stage(back_after=None)
    first = stage.play(stage.outage()).restored
    assert first
    assert first >= max(SETTINGS.recovery.rto, detection_limit(stage.design)) * 0.5 + MARGIN
    assert stage.play(stage.outage(delay=150)).restored == soon(first + 150)


def test_some_devices_in_the_lost_region_are_not_all_elsewhere() -> None:
    stage = Stage()

    async def loses_all_but_one(rig: Rig, region: str) -> None:
        await stage.begin(rig, region)
        stage.counts[PRIMARY] = 1

    restored = stage.play(stage.outage(begin=loses_all_but_one)).restored
    assert restored
    assert restored > BACK_AFTER + SETTLING + MARGIN


def test_an_outage_of_a_known_length_is_undone_after_that() -> None:
    stage = Stage()
    assert stage.play(stage.outage(lasts=for_400_s)).restored == soon(400)


@pytest.mark.parametrize("effect", [Effect.STAYS, Effect.BLIND, Effect.RETURNS])
def test_what_is_to_move_nobody_lasts_as_long_as_a_failure_takes_to_be_seen(
    effect: Effect,
) -> None:
    stage = Stage()
    assert stage.play(stage.outage(effect)).restored == soon(detection_limit(stage.design))


@pytest.mark.parametrize("settles", [0, 200])
def test_nothing_breaks_before_first_answers_have_expired_and_what_was_wrong_has_shown(
    settles: float,
) -> None:
    stage = Stage(settles=settles)
    stage.play(stage.outage())
    assert stage.done["begun"] == soon(max(settles, stage.design.ttl + SETTLING))


def test_a_watcher_that_latched_from_the_start_is_waited_for_until_its_switch_counts() -> None:
    latched = Stage(decision="latched")
    latched.play(latched.outage())
    assert latched.done["begun"] == soon(detection_limit(latched.design))
    unwatched = Stage(decision="latched", design=replace(latched.design, watchers=()))
    unwatched.play(unwatched.outage())
    assert unwatched.done["begun"] == soon(unwatched.design.ttl + SETTLING)


def test_answers_that_outlast_the_rehearsal_are_not_waited_for() -> None:
    design = world(SETTINGS)
    records = tuple(replace(each, ttl=3600) for each in design.records)
    stage = Stage(design=replace(design, records=records))
    stage.play(stage.outage())
    assert stage.done["begun"] == soon(120 + SETTLING)


def test_an_outage_that_cannot_be_brought_about_makes_the_rehearsal_partial() -> None:
    stage = Stage()

    async def fail(_rig: Rig, _region: str) -> None:
        raise OSError("no such rule")

    recording = stage.play(stage.outage(begin=fail))
    assert recording.is_partial
    assert "OSError: no such rule" in [each.description for each in recording.events]
    assert len(recording.connections) == 1


def test_a_part_that_ends_by_itself_makes_the_rehearsal_partial_and_is_reported() -> None:
    stage = Stage()
    recording = stage.play(
        stage.outage(lasts=for_400_s),
        after=lambda rig, _task: rig.failed.set_result("the broker ended by itself"),
    )
    assert recording.is_partial
    assert recording.ended == soon(300 - stage.done["begun"])
    assert recording.events[-1].description == "the broker ended by itself"
    assert "stopped" in stage.done


def test_what_an_outage_does_later_ends_with_the_rehearsal_or_ends_it_by_failing() -> None:
    stage, ended = Stage(), list[str]()

    async def later(rig: Rig, region: str) -> None:
        async def waits() -> None:
            try:
                await rig.clock.sleep(10_000)
            finally:
                ended.append("cancelled")

        async def fails() -> None:
            await rig.clock.sleep(20)
            raise OSError("no such process")

        rig.run_in_background(waits())
        rig.run_in_background(fails())
        await stage.begin(rig, region)

    recording = stage.play(stage.outage(begin=later))
    assert recording.events[-1].description == "OSError: no such process"
    assert recording.ended == soon(20)
    assert ended == ["cancelled"]


def test_a_rehearsal_that_is_interrupted_is_partial_and_keeps_what_devices_noted() -> None:
    stage = Stage()
    recording = stage.play(stage.outage(lasts=for_400_s), after=lambda _rig, task: task.cancel())
    assert recording.is_partial
    assert recording.events[-1].description == "interrupted"
    assert recording.ended == soon(300 - stage.done["begun"])
    assert len(recording.connections) == 1
