"""Something that goes wrong in a rehearsal, and is undone."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.rig.region.cloudwatch import LOOK_DELAY
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION
from iot_dr.forecast.recovery_inputs import CANARY_AGE, TCP_TIMEOUT

_PUT: Final = 10.0
"""Rehearsed seconds that putting a metric may take, which at a high speed is not long."""

Act = Callable[[Rig, str], Awaitable[None]]
"""Does something to a region of a rig."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One kind of outage.

    `begin` and `end` are given the region. `expects` tells what it should do in an environment,
    and `unfit`, a sentence, why it would do nothing there. `lasts` gives the rehearsed seconds
    until it is undone; None until all devices are back, or could be. `delay` is by how much later
    they can be back than with the loss of a region alone. `needs_namespace` where packets are
    dropped, `needs_relay` where they are slowed down.
    """

    name: str
    title: str
    begin: Act
    end: Act
    expects: Callable[[World, str], Expectation]
    lasts: Callable[[World], float | None] = lambda _: None
    delay: float = 0.0
    unfit: Callable[[World, str], str | None] = lambda _world, _region: None
    needs_namespace: bool = False
    needs_relay: bool = False


def region_fails(world: World, region: str) -> Expectation:
    """Return what the loss of a whole region should do."""
    if region == world.primary.region:
        return Expectation(Effect.MOVES, "the check of the primary fails, a standby takes over")
    return Expectation(Effect.STAYS, "no device is connected to a standby, and none is led there")


def only_deep_sees(world: World, region: str) -> Expectation:
    """Return what a failure should do at which port 8883 still accepts connections."""
    if region != world.primary.region:
        return region_fails(world, region)
    if is_deep(world):
        return Expectation(Effect.MOVES, "the canary cannot publish, so the deep check fails")
    return Expectation(
        Effect.BLIND,
        "health.mode is shallow: a TCP check sees that something accepts connections, and a process"
        " that hangs only once the kernel's queue for it is full; deep would see it",
    )


def is_deep(world: World) -> bool:
    """Whether the record of the primary depends on a check that asks a canary."""
    asked = [record.check for record in world.records if record.side == "PRIMARY" and record.check]
    waiting, seen = list(asked), set[str]()
    while waiting:
        if (name := waiting.pop()) not in seen and name in world.checks:
            seen.add(name)
            waiting += world.checks[name].children
    return any(world.checks[each].type == "HTTPS" for each in seen)


def detection_limit(world: World) -> float:
    """Return the rehearsed seconds after which the answer has moved if it ever does.

    Each of the probes may wait for its time limit, and the canary tells its last result a while.
    """
    probes = (
        each.threshold * (each.interval + TCP_TIMEOUT) + CANARY_AGE
        for each in world.checks.values()
        if each.region
    )
    return _counted(world, probes)


def return_limit(world: World) -> float:
    """Return the rehearsed seconds after which the answer has gone back if it ever does.

    Probes that are answered do not wait.
    """
    probes = (each.threshold * each.interval for each in world.checks.values() if each.region)
    return _counted(world, probes)


def _counted(world: World, probes: Iterable[float]) -> float:
    """Return when the slowest of probes and alarms has come to count for the answer."""
    alarms = (each.period + LOOK_DELAY + _PUT for each in world.alarms.values())
    return max((*probes, *alarms, 0.0)) + AGGREGATION[1]
