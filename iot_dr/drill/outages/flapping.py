"""The region fails repeatedly, for about the time that its check needs to detect it."""

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.kill import kill, start_again
from iot_dr.drill.outages.outage import Outage
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World

TIMES = 4
"""How often the region fails; every second time for long enough to change the answer."""


async def _begin(rig: Rig, region: str) -> None:
    rig.run_in_background(_flap(rig, region))


async def _flap(rig: Rig, region: str) -> None:
    for number in range(TIMES):
        await kill(rig, region)
        await rig.clock.sleep(_gone(rig.world) * (0.5 if number % 2 == 0 else 1.1))
        await start_again(rig, region)
        await rig.clock.sleep(_gone(rig.world) * 0.5)


async def _end(_rig: Rig, _region: str) -> None:
    """Do nothing: the last step of `_flap` started the region."""


def _gone(world: World) -> float:
    """Return the seconds that a check needs to detect an outage; 30 without checks."""
    times = (each.threshold * each.interval for each in world.checks.values() if each.region)
    return max(times, default=30)


def _lasts(world: World) -> float:
    return TIMES * _gone(world) * 1.3 + 10


def _expects(world: World, region: str) -> Expectation:
    if region != world.primary.region:
        return Expectation(Effect.STAYS, "no device uses a standby")
    return Expectation(
        Effect.SETTLES, "links close each time, and devices connect to any region that works"
    )


FLAPPING = Outage(
    name="flapping",
    title=f"the region fails {TIMES} times, for about the check's threshold",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=_lasts,
)
