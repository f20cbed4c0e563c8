"""The plain simulation of a fleet: an event loop with a process for each device and checker."""

import random
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from math import floor, inf

import simpy

from iot_dr.drill.simulate.scenario import Scenario

Process = Generator[simpy.Event, None, None]

_CHECKERS = 16
_HEALTHY = 0.18


@dataclass(kw_only=True)
class Fleet:
    """The results of the loop: when each device is back, lost messages, attempts by second."""

    scenario: Scenario
    rng: random.Random
    failover: float
    recovered: dict[int, float] = field(default_factory=dict[int, float])
    lost: dict[int, int] = field(default_factory=dict[int, int])
    attempts: Counter[int] = field(default_factory=Counter[int])
    refilled: float = 0.0
    credit: float = inf
    queued: int = 0
    failing: set[int] = field(default_factory=set[int])


def run(devices: int, scenario: Scenario, seed: int, failover: float | None = None) -> Fleet:
    """Run an outage in which links close, vanish or freeze; every event is an event of the loop."""
    env = simpy.Environment()
    rng = random.Random(seed)  # noqa: S311 - no secret, and the same at each run
    fleet = Fleet(scenario=scenario, rng=rng, failover=inf if failover is None else failover)
    for device in range(devices):
        env.process(_device(env, device, fleet))
    if failover is None:
        for checker in range(_CHECKERS):
            env.process(_checker(env, checker, fleet))
    while len(fleet.recovered) < min(devices, scenario.connections) and env.peek() < inf:
        env.step()
    return fleet


def _device(env: simpy.Environment, device: int, fleet: Fleet) -> Process:
    scenario, habits, rng = fleet.scenario, fleet.scenario.habits, fleet.rng
    phase, refreshed = rng.random(), rng.uniform(0, scenario.ttl)
    cut = _cut(scenario, phase)
    yield env.timeout(cut)
    failures, expires, is_moved = 0, -inf, False
    while True:
        longest = min(habits.ceiling, habits.backoff * 2.0**failures)
        yield env.timeout(rng.uniform(0, longest))
        fleet.attempts[floor(env.now)] += 1
        if scenario.cache == "shared":
            passed = (env.now - refreshed) % scenario.ttl
            is_moved = env.now - passed >= fleet.failover
        elif env.now >= expires:
            expires, is_moved = env.now + scenario.ttl, env.now >= fleet.failover
        failures += 1
        if not is_moved:
            fleet.queued += 1
            yield env.timeout(scenario.hang)
        elif _let_in(env.now, fleet):
            fleet.recovered[device] = env.now
            fleet.lost[device] = _lost(scenario, phase, cut, env.now)
            return


def _cut(scenario: Scenario, phase: float) -> float:
    habits = scenario.habits
    if not scenario.is_silent:
        return 0.0
    return habits.keep_alive + habits.ping_timeout - phase * habits.period % habits.keep_alive


def _let_in(now: float, fleet: Fleet) -> bool:
    """Whether the standby accepts a connect now.

    Its token bucket fills at the connect rate, up to a second's worth.
    """
    rate, room = fleet.scenario.connect_rate, fleet.scenario.connections
    if len(fleet.recovered) >= room:
        return False
    if rate == inf:
        return True
    filled = fleet.credit + (now - fleet.refilled) * rate
    fleet.credit, fleet.refilled = min(filled, max(1.0, rate)), now
    if fleet.credit < 1:
        return False
    fleet.credit -= 1
    return True


def _lost(scenario: Scenario, phase: float, cut: float, back: float) -> int:
    """Return how many messages a device's full buffer dropped until it was back."""
    habits, buffered, dropped, number = scenario.habits, 0, 0, 1
    while (made := (number - phase) * habits.period) <= back:
        is_sent_into_dead_link = made < cut - 1e-3
        if not is_sent_into_dead_link:
            dropped += buffered == habits.buffer
            buffered = min(buffered + 1, habits.buffer)
        number += 1
    return dropped


def _checker(env: simpy.Environment, checker: int, fleet: Fleet) -> Process:
    scenario, streak = fleet.scenario, 0
    yield env.timeout(fleet.rng.uniform(0, scenario.interval))
    while streak < scenario.threshold:
        if scenario.outage == "freeze" and fleet.queued <= scenario.backlog:
            fleet.queued += 1
            streak = 0
        else:
            yield env.timeout(scenario.probe_time)
            streak += 1
        if streak < scenario.threshold:
            yield env.timeout(scenario.interval)
    fleet.failing.add(checker)
    if len(fleet.failing) == _CHECKERS - floor(_HEALTHY * _CHECKERS):
        yield env.timeout(fleet.rng.uniform(5, 10))
        fleet.failover = env.now
