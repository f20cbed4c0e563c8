"""The kind of an outage: how it begins and ends, and what it should do."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from functions.contract import CANARY_AGE
from iot_dr.drill.outages.expectation import AnswerReturn, Effect, Expectation
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION, EVALUATION_DELAY
from iot_dr.forecast.failover_cause import FailoverCause
from iot_dr.forecast.recovery_inputs import TCP_TIMEOUT

_PUT: Final = 10.0
"""Rehearsed seconds allowed for putting a metric; at a high speed that is little real time."""

SETTLING: Final = 10.0
"""Rehearsed seconds for which a rehearsal goes on once it has what it waited for."""
POLL: Final = 0.05
"""Seconds between two looks at what a rehearsal waits for."""

RegionAction = Callable[[Rig, str], Awaitable[None]]
"""Changes a region of a rig."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One kind of outage.

    `expects` returns its effect for a world and a region, `reason_to_skip` why it cannot be
    rehearsed there, a clause without a full stop, or None. `lasts` returns the rehearsed seconds
    until it is undone, or None: then it lasts until all devices are back or the time limit, or for
    `detection_limit` if devices should not move. `delay` is by how many seconds devices recover
    later than from the loss of the region alone. `needs_namespace`: it drops packets.
    `needs_relay`: it slows them down.
    """

    name: str
    title: str
    begin: RegionAction
    end: RegionAction
    expects: Callable[[World, str], Expectation]
    lasts: Callable[[World], float | None] = lambda _: None
    delay: float = 0.0
    reason_to_skip: Callable[[World, str], str | None] = lambda _world, _region: None
    needs_namespace: bool = False
    needs_relay: bool = False


def lost_region_expectation(world: World, region: str) -> Expectation:
    """Return the expected effect of the loss of a whole region."""
    if region == world.primary.region:
        why = "the check of the primary fails, and a standby takes over"
        return moved_by_check(world, Effect.MOVES, why)
    return Expectation(Effect.STAYS, "no device uses a standby")


def moved_by_check(world: World, effect: Effect, why: str) -> Expectation:
    """Return the expected effect of an outage that the check of the primary detects."""
    is_latched = world.recovery.fail_back == "latched"
    return Expectation(
        effect,
        why,
        cause=FailoverCause.DEEP if is_deep(world) else FailoverCause.ENDPOINT,
        answer_return=AnswerReturn.LATCHED if is_latched else AnswerReturn.ITSELF,
    )


def needs_deep_check(world: World, region: str) -> Expectation:
    """Return the expected effect of a failure during which port 8883 accepts connections."""
    if region != world.primary.region:
        return lost_region_expectation(world, region)
    if is_deep(world):
        why = "the canary cannot publish, so the deep check fails"
        return moved_by_check(world, Effect.MOVES, why)
    return Expectation(
        Effect.BLIND,
        "health.mode is shallow: a TCP check passes while the port accepts connections, and detects"
        " a hanging process only when the kernel's accept queue is full; deep would detect it",
    )


def is_deep(world: World) -> bool:
    """Whether the record of the primary depends on an HTTPS check of a canary."""
    checks = [record.check for record in world.records if record.side == "PRIMARY" and record.check]
    waiting, seen = list(checks), set[str]()
    while waiting:
        if (name := waiting.pop()) not in seen and name in world.checks:
            seen.add(name)
            waiting += world.checks[name].children
    return any(world.checks[each].type == "HTTPS" for each in seen)


def detection_limit(world: World) -> float:
    """Return the rehearsed seconds after an outage within which the answer changes, if at all.

    Each probe may wait for its time limit, and the canary repeats its last result for a while.
    """
    probes = (
        check.threshold * (check.interval + TCP_TIMEOUT) + CANARY_AGE
        for check in world.checks.values()
        if check.region
    )
    return _counted(world, probes)


def return_limit(world: World) -> float:
    """Return the rehearsed seconds after an outage's end within which the answer fails back.

    Successful probes do not wait for a time limit.
    """
    probes = (each.threshold * each.interval for each in world.checks.values() if each.region)
    return _counted(world, probes)


def _counted(world: World, probes: Iterable[float]) -> float:
    """Return the seconds until the slowest of the probes and alarms affects the answer."""
    alarms = (each.period + EVALUATION_DELAY + _PUT for each in world.alarms.values())
    return max((*probes, *alarms, 0.0)) + AGGREGATION[1]
