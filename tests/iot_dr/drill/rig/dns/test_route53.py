"""Route 53 as it runs, in virtual time: checkers, aggregation, alarms, answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from iot_dr.drill.play.world_time import VirtualClock, in_virtual_time
from iot_dr.drill.rig.dns.route53 import Route53
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION
from iot_dr.generate.expectation import failover_config
from iot_dr.route53.check import AlarmState, HealthCheck
from modules.checker_regions import CHECKER_REGIONS
from tests.support.drill_worlds import world
from tests.support.examples import examples
from tests.support.region_health import RegionHealth, answer
from tests.support.settings import REGIONS, settings

ONE, TWO, THREE = REGIONS[:3]
INTERVAL, THRESHOLD = 10, 3


def two_regions() -> World:
    return world(settings(health={"mode": "shallow", "interval": INTERVAL, "threshold": THRESHOLD}))


@dataclass
class Stage:
    """Route 53 over a world whose regions may fail; its answers, with the time."""

    world: World
    seed: int = 1
    bad: set[str] = field(default_factory=set[str])
    slow: float = 0.0
    asked: set[str] = field(default_factory=set[str])
    health: list[tuple[float, str, bool]] = field(default_factory=list[tuple[float, str, bool]])
    answers: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    async def probe(self, check: HealthCheck) -> bool:
        assert check.region
        self.asked.add(check.id)
        is_bad = check.region in self.bad
        if is_bad and self.slow:
            await asyncio.sleep(self.slow)
        return not is_bad

    def play(self, script: Callable[[Route53], Awaitable[None]]) -> "Stage":
        """Run a script while Route 53 runs."""

        async def main() -> None:
            clock = VirtualClock()
            route53 = Route53(
                self.world,
                clock,
                self.probe,
                self.seed,
                on_health=lambda id_, is_well: self.health.append((clock.now(), id_, is_well)),
                on_answer=lambda region: self.answers.append((clock.now(), region)),
            )
            running = asyncio.create_task(route53.run())
            await script(route53)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        in_virtual_time(main())
        return self


async def wait(seconds: float) -> None:
    await asyncio.sleep(seconds)


def alarm_of(of: World, region: str) -> str:
    return next(each.id for each in of.alarms.values() if each.dimensions["Region"] == region)


def test_all_stays_as_it_is_while_all_is_well() -> None:
    async def script(route53: Route53) -> None:
        assert route53.region == ONE
        await wait(1000)
        assert route53.region == ONE

    stage = Stage(two_regions()).play(script)
    assert stage.health == stage.answers == []


def test_a_region_that_refuses_is_left_once_fourteen_checkers_have_seen_it_three_times() -> None:
    def flip(seed: int) -> tuple[float, float]:
        async def script(_: Route53) -> None:
            await wait(100)
            stage.bad.add(ONE)
            await wait(100)

        stage = Stage(two_regions(), seed)
        stage.play(script)
        (answered, region) = stage.answers[0]
        assert region == TWO
        verdict = min(at for at, _, is_well in stage.health if not is_well)
        return verdict - 100, answered - verdict

    flips = [flip(seed) for seed in range(20)]
    for detection, aggregation in flips:
        assert (THRESHOLD - 1) * INTERVAL < detection < THRESHOLD * INTERVAL
        assert 5 <= aggregation <= 10
    # The 14th of 16 phases is 14/17 of an interval in the middle.
    middle = sum(detection for detection, _ in flips) / len(flips)
    assert middle == pytest.approx((THRESHOLD - 1 + 14 / 17) * INTERVAL, abs=1)


@pytest.mark.parametrize("slow", [0.0, 4.0])
def test_once_it_has_settled_it_has_left_a_region_that_was_bad_from_the_start(slow: float) -> None:
    async def script(route53: Route53) -> None:
        await route53.settled()
        assert route53.region == TWO

    for seed in range(20):
        stage = Stage(two_regions(), seed, {ONE}, slow).play(script)
        assert stage.answers[0][0] > (THRESHOLD - 1) * (INTERVAL + slow)


def test_it_has_settled_soon_where_no_endpoint_is_asked() -> None:
    async def script(route53: Route53) -> None:
        await route53.settled()
        assert asyncio.get_running_loop().time() == AGGREGATION[1]

    without = replace(two_regions(), checks={})
    records = tuple(replace(each, check="") for each in without.records)
    Stage(replace(without, records=records)).play(script)


def test_a_region_that_comes_back_is_believed_once_three_checkers_have_seen_it() -> None:
    async def script(_: Route53) -> None:
        stage.bad.add(ONE)
        await wait(200)
        stage.bad.clear()
        await wait(100)

    stage = Stage(two_regions())
    stage.play(script)
    (_, away), (back, home) = stage.answers
    assert (away, home) == (TWO, ONE)
    verdict = max(at for at, _, is_well in stage.health if is_well)
    assert 20 < verdict - 200 < 20 + 5 * INTERVAL / 10
    assert 5 <= back - verdict <= 10


def test_a_probe_that_hangs_makes_the_interval_longer() -> None:
    async def script(_: Route53) -> None:
        await wait(100)
        stage.bad.add(ONE)
        await wait(200)

    stage = Stage(two_regions(), slow=10)
    stage.play(script)
    verdict = min(at for at, _, _ in stage.health) - 100
    # Three waits of ten seconds more than where it refuses.
    assert 50 < verdict < 60


def test_the_same_seed_gives_the_same_minutes_and_another_gives_others() -> None:
    def answers_of(seed: int) -> list[tuple[float, str]]:
        async def script(_: Route53) -> None:
            stage.bad.add(ONE)
            await wait(100)
            stage.bad.clear()
            await wait(100)

        stage = Stage(two_regions(), seed)
        return stage.play(script).answers

    assert answers_of(1) == answers_of(1)
    assert answers_of(1) != answers_of(2)


def test_a_blind_checker_region_moves_nothing_and_seven_of_eight_do() -> None:
    async def script(route53: Route53) -> None:
        for region in CHECKER_REGIONS[:6]:
            route53.blind(region)
        await wait(200)
        assert route53.region == ONE
        route53.blind(CHECKER_REGIONS[6])
        await wait(200)
        # Both regions look dead, and with both dead the PRIMARY is the answer.
        assert route53.region == ONE
        assert not any(route53.is_healthy(id_) for id_ in stage.asked)
        route53.unblind(CHECKER_REGIONS[6])
        await wait(200)
        assert all(route53.is_healthy(id_) for id_ in stage.asked)
        with pytest.raises(ValueError, match="'eu-west-3' has no checkers"):
            route53.blind("eu-west-3")

    stage = Stage(two_regions())
    stage.play(script)


def test_a_switch_leads_away_and_stays_until_it_is_put_back() -> None:
    async def script(route53: Route53) -> None:
        await wait(50)
        route53.set_alarm(alarm_of(stage.world, ONE), "ALARM")
        await wait(10)
        assert route53.region == TWO
        route53.set_alarm(alarm_of(stage.world, ONE), "INSUFFICIENT_DATA")
        await wait(100)
        assert route53.region == TWO
        route53.set_alarm(alarm_of(stage.world, ONE), "OK")
        await wait(10)
        assert route53.region == ONE

    stage = Stage(two_regions())
    stage.play(script)
    (away, _), _ = stage.answers
    assert 55 <= away <= 60


@pytest.mark.parametrize(
    ("missing", "state", "expected"),
    [
        ("LastKnownStatus", [], ONE),
        ("LastKnownStatus", ["ALARM", "INSUFFICIENT_DATA"], TWO),
        ("Healthy", ["ALARM", "INSUFFICIENT_DATA"], ONE),
        ("Unhealthy", [], TWO),
        ("Unhealthy", ["OK"], ONE),
        ("Unhealthy", ["OK", "INSUFFICIENT_DATA"], TWO),
    ],
)
def test_an_alarm_without_data_says_what_its_check_wants(
    missing: str, state: list[AlarmState], expected: str
) -> None:
    async def script(route53: Route53) -> None:
        for check in state:
            route53.set_alarm(alarm_of(stage.world, ONE), check)
            await wait(20)
        assert route53.region == expected

    stage = Stage(with_switches(two_regions(), insufficient_data_status=missing))
    stage.play(script)


def with_switches(of: World, **changes: Any) -> World:
    checks = {
        id_: replace(each, **changes) if each.alarm else each for id_, each in of.checks.items()
    }
    return replace(of, checks=checks)


def test_what_is_not_rehearsed_counts_as_healthy_and_is_not_asked() -> None:
    of = two_regions()
    ids = {each.region: each.id for each in of.checks.values() if each.region}
    nowhere = replace(of.checks[ids[ONE]], region=None)
    disabled = replace(of.checks[ids[TWO]], disabled=True)
    changed = {**of.checks, ids[ONE]: nowhere, ids[TWO]: disabled}

    async def script(route53: Route53) -> None:
        stage.bad |= {ONE, TWO}
        await wait(200)
        assert route53.region == ONE

    stage = Stage(
        with_switches(replace(of, checks=changed), alarm=None, insufficient_data_status="Unhealthy")
    )
    stage.play(script)
    assert stage.asked == set()
    assert stage.health == []


def test_verdicts_that_follow_one_another_fast_count_in_their_order() -> None:
    async def script(route53: Route53) -> None:
        alarm = alarm_of(stage.world, ONE)
        states: list[AlarmState] = ["ALARM", "OK"]
        for number in range(41):
            route53.set_alarm(alarm, states[number % 2])
            await wait(1)
        await wait(10)
        assert route53.region == TWO

    for seed in range(10):
        stage = Stage(two_regions(), seed)
        stage.play(script)
        assert [region for _, region in stage.answers] == [TWO, ONE] * 20 + [TWO]


def test_a_probe_that_breaks_ends_it() -> None:
    async def broken(_: HealthCheck) -> bool:
        raise RuntimeError("a fault of ours")

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as raised:
            await Route53(two_regions(), VirtualClock(), broken, 1).run()
        assert raised.group_contains(RuntimeError)

    in_virtual_time(main())


@limits(max_examples=examples(30))
@given(st.sets(st.sampled_from(REGIONS[:3])), st.sets(st.sampled_from(REGIONS[:3])))
def test_once_all_has_settled_the_answer_is_that_of_the_function(
    bad: set[str], away: set[str]
) -> None:
    chosen = settings(regions=[TWO, ONE, THREE], home_region=ONE, primary_region=ONE)

    async def script(route53: Route53) -> None:
        stage.bad |= bad
        for alarm in stage.world.alarms.values():
            is_away = alarm.dimensions["Region"] in away
            route53.set_alarm(alarm.id, "ALARM" if is_away else "OK")
        await wait(200)
        health = {region: RegionHealth(deep=False, tcp=False) for region in bad}
        assert route53.region == answer(failover_config(chosen), health, frozenset(away)).leads_to
        assert route53.choices[chosen.device_name].target == chosen.regional_name(route53.region)

    stage = Stage(world(chosen))
    stage.play(script)
