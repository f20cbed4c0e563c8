"""What a rehearsal shows of a design, right or wrong: real brokers, TLS, DNS and functions.

Settings are short and time runs fast, so that each rehearsal takes a quarter of a minute. `make
test` has one of a wrong design, in test_wrong_access.py, and those of
tests/scenarios/test_drill_command.py; what each outage breaks is in test_outage_effects.py, what a
rehearsal does when in test_rehearsal_phases.py.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from environments.settings import Settings
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.outages.expectation import AnswerReturn
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.rehearsal import Rehearsal
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.running_rig import RigSpecification
from iot_dr.drill.rig.world.reading import synthesized_world
from iot_dr.drill.rig.world.world import World
from iot_dr.route53.record import Record
from tests.support.drill import needs_mosquitto
from tests.support.drill_rehearsal import (
    DEVICES,
    LIMITS,
    MET,
    OPTIONS,
    PRIMARY,
    STANDBY,
    quick_settings,
    rehearsed,
)
from tests.support.lost_regions import COUNTS
from tests.support.settings import REGIONS

pytestmark = needs_mosquitto


@pytest.fixture(scope="module")
def quick() -> Settings:
    return quick_settings()


@pytest.fixture(scope="module")
def world(quick: Settings) -> World:
    return synthesized_world(quick)


@pytest.fixture
def rehearse(quick: Settings) -> Callable[..., OutageReport]:
    return partial(rehearsed, quick)


Rehearse = Callable[..., OutageReport]


@pytest.mark.exhaustive
@pytest.mark.parametrize("outage", ["kill", "freeze", "expired", "authorization"])
def test_devices_are_back_in_time_and_no_acknowledged_message_is_lost(
    rehearse: Rehearse, world: World, outage: str
) -> None:
    report = rehearse(world, outage)
    assert report.verdict in MET, report.judgement
    assert report.figures.lost == DEVICES
    # Where the region is back before the watcher is sure, the answer may move once more.
    assert [region for _, region in report.recording.answers][:2] == [PRIMARY, STANDBY]
    assert report.recording.messages.lost == 0
    assert report.recording.messages.received > DEVICES
    # What devices asked when they first connected had expired by then.
    first = {each.device: each.begin for each in reversed(report.recording.connections)}
    assert max(first.values()) <= -world.ttl


@pytest.mark.exhaustive
@pytest.mark.parametrize("outage", ["canary", "slow", "switch"])
def test_devices_keep_their_links_while_the_answer_moves(
    rehearse: Rehearse, world: World, outage: str
) -> None:
    report = rehearse(world, outage)
    assert report.verdict in MET, report.judgement
    assert report.figures.lost == 0
    assert report.recording.answers[1][1] == STANDBY


@pytest.mark.exhaustive
def test_failing_over_needs_no_api_of_aws(rehearse: Rehearse, world: World) -> None:
    report = rehearse(world, "control-plane")
    assert report.verdict in MET, report.judgement
    assert report.figures.lost == DEVICES


@pytest.mark.exhaustive
def test_a_checker_region_that_sees_nothing_moves_nobody(rehearse: Rehearse, world: World) -> None:
    report = rehearse(world, "blind-checkers")
    assert report.verdict in MET, report.judgement
    assert [region for _, region in report.recording.answers] == [PRIMARY]


@pytest.mark.exhaustive
def test_the_loss_of_a_standby_moves_nobody(rehearse: Rehearse, world: World) -> None:
    report = rehearse(world, "kill", STANDBY)
    assert report.verdict in MET, report.judgement
    assert report.figures.lost == 0


@pytest.mark.exhaustive
def test_devices_are_back_when_a_region_is(rehearse: Rehearse, world: World) -> None:
    report = rehearse(world, "both")
    assert report.verdict in MET, report.judgement
    assert report.figures.lost == DEVICES


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("count", "gone"),
    [(count, gone) for count in COUNTS[1:] for gone in REGIONS[:count]],
)
def test_with_any_one_region_of_three_to_five_lost_devices_are_served(
    count: int, gone: str
) -> None:
    chosen = quick_settings(regions=list(REGIONS[:count]))
    report = rehearsed(chosen, synthesized_world(chosen), "kill", gone)
    assert report.verdict in MET, report.judgement
    moved = [PRIMARY, STANDBY] if gone == PRIMARY else [PRIMARY]
    assert [region for _, region in report.recording.answers][:2] == moved
    assert report.figures.lost == (DEVICES if gone == PRIMARY else 0)


@pytest.mark.exhaustive
@pytest.mark.parametrize("count", [3, 4, 5])
def test_a_second_failure_moves_devices_to_the_third_region_until_an_operator_switches_back(
    count: int,
) -> None:
    chosen = quick_settings(regions=list(REGIONS[:count]))
    report = rehearsed(chosen, synthesized_world(chosen), "second-failure")
    assert report.verdict in MET, report.judgement
    assert report.figures.lost == DEVICES
    assert [region for _, region in report.recording.answers] == [*REGIONS[:3], PRIMARY]
    assert [region for _, region in report.recording.later_failures] == [STANDBY]


@pytest.mark.exhaustive
def test_devices_return_from_a_lost_alarm_region_only_without_it() -> None:
    three = quick_settings(regions=list(REGIONS[:3]))
    report = rehearsed(three, synthesized_world(three), "lost-keeper")
    assert report.verdict in MET, report.judgement
    assert [region for _, region in report.recording.answers] == [PRIMARY, STANDBY, PRIMARY]


@pytest.mark.exhaustive
def test_what_no_check_sees_is_reported_as_a_limit_of_the_design(
    rehearse: Rehearse, world: World
) -> None:
    report = rehearse(world, "device-policy")
    assert report.verdict is DrillVerdict.WARN, report.judgement
    assert report.figures.lost == DEVICES
    assert report.figures.failover is None


def _with_records(world: World, change: Callable[[Record], Record]) -> World:
    return replace(world, records=tuple(map(change, world.records)))


def _always_unhealthy(world: World) -> World:
    """Let the primary's check ask AWS IoT itself, which answers 403 to whoever is nobody.

    What has to come five times is found only after the answers that devices got have expired.
    """
    (result,) = [each for id_, each in world.checks.items() if id_.endswith(".deep")]
    changed = replace(result, host=world.primary.regional_name, threshold=5)
    return replace(world, checks={**world.checks, result.id: changed})


def _without_checks(world: World) -> World:
    return _with_records(world, lambda each: replace(each, check=""))


def _of_an_hour(world: World) -> World:
    return _with_records(world, lambda each: replace(each, ttl=3600 if each.side else each.ttl))


def _unknown_in_standby(world: World) -> World:
    first, *others = world.sites
    return replace(world, sites=(first, *(replace(each, knows_devices=False) for each in others)))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        pytest.param(_always_unhealthy, "primary-unhealthy-before", marks=pytest.mark.exhaustive),
        pytest.param(_without_checks, "record-without-check", marks=pytest.mark.exhaustive),
        pytest.param(_of_an_hour, "ttl-too-long", marks=pytest.mark.exhaustive),
        pytest.param(_unknown_in_standby, "devices-unknown", marks=pytest.mark.exhaustive),
    ],
)
def test_a_wrong_design_fails_and_is_reported_why(
    rehearse: Rehearse, world: World, wrong: Callable[[World], World], why: str
) -> None:
    report = rehearse(wrong(world), "kill")
    assert report.verdict is DrillVerdict.MISSED, report.judgement
    assert report.diagnoses[0].id == why, report.diagnoses


def _switch_alone(world: World) -> World:
    """Let the primary's record depend on its switch alone, which the watcher sets."""
    (alarm,) = [each for each in world.alarms.values() if each.dimensions["Region"] == PRIMARY]
    (switch,) = [id_ for id_, check in world.checks.items() if check.alarm == alarm.id]
    return _with_records(
        world, lambda each: replace(each, check=switch if each.side == "PRIMARY" else each.check)
    )


def _forgetful_switch(world: World) -> World:
    """Let the alarm of a switch take missing data for a switch back."""
    alarms = {
        id_: replace(alarm, missing_data="notBreaching") for id_, alarm in world.alarms.items()
    }
    return replace(world, alarms=alarms)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("wrong", "outage", "says"),
    [
        (_switch_alone, "kill", "other-cause: because of the watcher's switch"),
        (_forgetful_switch, "switch", "wrong-return: although the outage lasted until"),
        (_unknown_in_standby, "blind-checkers", "standby-not-serving: did not serve a device"),
    ],
)
def test_a_design_that_moves_or_returns_for_a_wrong_reason_fails(
    rehearse: Rehearse,
    world: World,
    wrong: Callable[[World], World],
    outage: str,
    says: str,
) -> None:
    report = rehearse(wrong(world), outage)
    assert report.verdict is DrillVerdict.MISSED, report.judgement
    id_, why = says.split(": ")
    assert why in " ".join(report.judgement.reasons)
    assert id_ in [each.id for each in report.diagnoses]


@pytest.mark.exhaustive
def test_with_automatic_fail_back_the_answer_returns_by_itself(
    rehearse: Rehearse, quick: Settings
) -> None:
    recovery = quick.recovery.model_copy(update={"fail_back": "auto"})
    auto = quick.model_copy(update={"recovery": recovery})
    report = rehearse(synthesized_world(auto), "kill")
    assert report.verdict in MET, report.judgement
    assert report.result.expectation.answer_return is AnswerReturn.ITSELF
    assert [region for _, region in report.recording.answers] == [PRIMARY, STANDBY, PRIMARY]


@pytest.mark.exhaustive
def test_a_watcher_that_can_never_see_the_primary_is_not_a_failover(
    rehearse: Rehearse, world: World
) -> None:
    """It would latch in the middle of an outage that came sooner."""
    (watcher,) = world.watchers
    variables = {**watcher.variables, "WATCHER_NAME_1": f"nobody.{world.zone_name}"}
    mistaken = replace(world, watchers=(replace(watcher, variables=variables),))
    report = rehearse(mistaken, "blind-checkers")
    assert report.verdict is DrillVerdict.MISSED, report.judgement
    assert report.diagnoses[0].id == "primary-unhealthy-before"
    assert "switch" in report.diagnoses[0].problem


@pytest.mark.exhaustive
def test_an_outage_that_cannot_be_brought_about_is_reported_as_partial(
    world: World, rehearse: Rehearse
) -> None:
    async def fail(_rig: Rig, _region: str) -> None:
        raise OSError("no such rule")

    report = rehearse(world, replace(OUTAGES["kill"], begin=fail))
    assert report.verdict is DrillVerdict.PARTIAL
    assert "OSError: no such rule" in [each.description for each in report.recording.events]
    assert len(report.recording.connections) == DEVICES


@pytest.mark.exhaustive
def test_nothing_is_left_of_a_rehearsal_that_was_interrupted(
    quick: Settings, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    async def interrupted() -> Recorder:
        kind = OUTAGES["kill"]
        specification = RigSpecification(
            settings=quick, world=world, options=OPTIONS, connect_rate=100, has_relays=False
        )
        machine = LIMITS.machine(DEVICES, OPTIONS.speed, OPTIONS.habits.ceiling)
        recorder = Recorder(world, kind, PRIMARY, OPTIONS, machine)

        def show(phase: str, _counts: Mapping[str, int]) -> None:
            if phase == kind.title and not task.cancelling():
                task.cancel()

        task = asyncio.ensure_future(Rehearsal(specification, kind, PRIMARY, recorder, show).run())
        recording = await task
        assert recording.is_partial
        assert recording.connections
        return recorder

    asyncio.run(interrupted())
    assert list(tmp_path.iterdir()) == []
