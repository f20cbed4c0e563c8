"""The primary fails, then the standby that has taken over; both come back, and nothing moves."""

import asyncio
from dataclasses import replace
from typing import Final

from iot_dr.drill.outages.expectation import AnswerReturn, Effect, Expectation
from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import (
    POLL,
    SETTLING,
    Outage,
    detection_limit,
    moved_by_check,
    return_limit,
)
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World

_FEWEST: Final = 3


async def _begin(rig: Rig, region: str) -> None:
    await kill(rig, region)
    await _moved(rig, region)
    second = _second(rig.world)
    rig.on_failure(second)
    await kill(rig, second)
    await _moved(rig, region, second)


async def _moved(rig: Rig, *gone: str) -> None:
    """Wait until every device has a link elsewhere and the regions are switched away.

    At most as long as both may take: the report says what was missing.
    """
    clock, world = rig.clock, rig.world
    latest = clock.now() + 2 * (detection_limit(world) + world.recovery.rto)
    devices = sum(rig.fleet.counts.values())
    while clock.now() < latest:
        counts = rig.fleet.counts
        devices = max(devices, sum(counts.values()))
        is_elsewhere = sum(counts.values()) == devices and not any(map(counts.get, gone))
        if is_elsewhere and (not _is_latched(world) or all(map(rig.is_switched_away, gone))):
            await clock.sleep(SETTLING)
            return
        await asyncio.sleep(POLL)


async def _end(rig: Rig, region: str) -> None:
    regions = (region, _second(rig.world))
    await asyncio.gather(*(start_again(rig, each) for each in regions))
    if not _is_latched(rig.world):
        return
    # The primary first, or devices would go to the second region in between. Before each, the
    # regions are healthy for long enough that the answer would return if nothing kept it.
    for failed in regions:
        await rig.clock.sleep(return_limit(rig.world))
        await rig.switch(failed, "back")


def _second(world: World) -> str:
    return world.sites[1].region


def _is_latched(world: World) -> bool:
    return world.recovery.fail_back == "latched"


def _expects(world: World, _region: str) -> Expectation:
    why = "each time the check of the region that serves fails, and the next one takes over"
    expected = moved_by_check(world, Effect.MOVES, why)
    if not _is_latched(world):
        return expected
    return replace(expected, answer_return=AnswerReturn.OPERATOR)


def _unfit(world: World, region: str) -> str | None:
    if len(world.sites) < _FEWEST:
        return "a second failure needs three regions"
    return None if region == world.primary.region else "the primary is the first that fails"


SECOND_FAILURE = Outage(
    name="second-failure",
    title="the primary is killed, then the standby that has taken over",
    begin=_begin,
    end=_end,
    expects=_expects,
    reason_to_skip=_unfit,
)
