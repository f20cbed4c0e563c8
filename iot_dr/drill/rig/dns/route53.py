"""Route 53's health checkers and its choice of records."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from itertools import count

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION
from iot_dr.route53.check import (
    CALCULATED,
    CLOUDWATCH_METRIC,
    AlarmState,
    HealthCheck,
    is_healthy_by_checkers,
)
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record
from modules.checker_regions import CHECKER_REGIONS
from modules.function_limits import CHECKERS

Probe = Callable[[HealthCheck], Awaitable[bool]]
"""Probes the endpoint of a check once; returns whether it is healthy."""


class Route53:
    """Runs the checkers of the checks that records use, and chooses the records.

    A changed verdict or alarm affects answers 5 to 10 s later: an assumption, as AWS documents no
    figure. `on_health` receives the check's id and status at the verdict; `on_answer` receives the
    region, or a target outside of the regions, when the answer for the device name changes. The
    seed determines the checkers' phases and the delays.
    """

    def __init__(  # noqa: PLR0913 - the two callbacks are optional
        self,
        world: World,
        clock: RigClock,
        probe: Probe,
        seed: int,
        *,
        on_health: Callable[[str, bool], None] = lambda _id, _healthy: None,
        on_answer: Callable[[str], None] = lambda _region: None,
    ) -> None:
        self._world, self._clock, self._probe, self._seed = world, clock, probe, seed
        self._on_health, self._on_answer = on_health, on_answer
        self._evaluation = world.evaluation
        self._used = tuple(self._evaluation.checks[id_] for id_ in self._evaluation.check_ids())
        endpoints = filter(_has_checkers, self._used)
        self._votes = {each.id: Votes(each.threshold) for each in endpoints}
        self._blind = set[str]()
        leaves = [each for each in self._used if each.type != CALCULATED]
        self._observed = {each.id: each.is_healthy_without_data for each in leaves}
        self._effective = dict(self._observed)
        self._due: dict[str, float] = {}
        self._verdicts: dict[str, deque[bool]] = {each.id: deque() for each in leaves}
        self._delays = {each.id: random.Random(f"{seed} {each.id}") for each in leaves}  # noqa: S311 - no secret
        self._timers = set[asyncio.TimerHandle]()
        self._undecided = len(self._votes) * CHECKERS
        self._is_decided = asyncio.Event()
        self._reported = self._health()
        self._choices = self._choose()

    @property
    def choices(self) -> Mapping[str, Record]:
        """The current record of each name, through aliases; a new mapping after each change."""
        return self._choices

    @property
    def region(self) -> str:
        """The region that the device name resolves to, or its target if that is not a region's."""
        target = self._choices[self._world.device_name].target
        names = {site.regional_name: site.region for site in self._world.sites}
        return names.get(target, target)

    def is_healthy(self, check_id: str) -> bool:
        """Return the status of a check that a record uses, before the delay of aggregation."""
        return self._reported[check_id]

    def set_alarm(self, alarm_id: str, state: AlarmState) -> None:
        """Apply the state of an alarm; must be called in the running loop."""
        for check in self._used:
            if check.alarm == alarm_id and check.type == CLOUDWATCH_METRIC:
                last = self._observed[check.id]
                self._observe(check, is_well=check.is_healthy_by_alarm(state, last=last))

    def remove_alarm(self, alarm_id: str) -> None:
        """Remove the checks of an alarm from the calculated checks: see `remove_switch_check`."""
        gone = {check.id for check in self._used if check.alarm == alarm_id}
        checks = [_without(check, gone) for check in self._evaluation.checks.values()]
        self._evaluation = Evaluation(self._world.records, checks)
        self._report_health()
        self._answer()

    def blind(self, region: str) -> None:
        """Let each probe of a checker region fail; raises ValueError for another region."""
        if region not in CHECKER_REGIONS:
            message = f"{region!r} has no checkers; expected one of {', '.join(CHECKER_REGIONS)}"
            raise ValueError(message)
        self._blind.add(region)

    def unblind(self, region: str) -> None:
        """Undo `blind`."""
        self._blind.discard(region)

    async def settled(self) -> None:
        """Wait until failures that exist from the start are detected and affect the answer."""
        if self._undecided:
            await self._is_decided.wait()
        await self._clock.sleep(AGGREGATION[1])

    async def run(self) -> None:
        """Run the checkers until cancelled or until a probe raises."""
        try:
            async with asyncio.TaskGroup() as group:
                for check in self._used:
                    for checker in range(CHECKERS) if check.id in self._votes else ():
                        group.create_task(self._check(check, checker))
                # Runs until cancelled also without checks.
                group.create_task(asyncio.Event().wait())
        finally:
            for timer in self._timers:
                timer.cancel()

    async def _check(self, check: HealthCheck, checker: int) -> None:
        phases = random.Random(f"{self._seed} {check.id} {checker}")  # noqa: S311 - no secret
        votes = self._votes[check.id]
        await self._clock.sleep(phases.uniform(0, check.interval))
        for probes in count(1):
            is_blind = checker_region(checker) in self._blind
            votes.observe(checker, is_well=not is_blind and await self._probe(check))
            self._observe(check, is_well=votes.is_healthy)
            if probes == check.threshold:
                self._decide()
            # The interval counts from the response to the next request.
            # RequestInterval in docs.aws.amazon.com/Route53/latest/APIReference/
            # API_HealthCheckConfig.html
            await self._clock.sleep(check.interval)

    def _decide(self) -> None:
        """Count a checker that has made enough probes to change its verdict."""
        self._undecided -= 1
        if not self._undecided:
            self._is_decided.set()

    def _observe(self, check: HealthCheck, *, is_well: bool) -> None:
        """Note a verdict; it affects answers after the delay of aggregation."""
        if self._observed[check.id] is is_well:
            return
        self._observed[check.id] = is_well
        self._report_health()
        now = self._clock.now()
        # A later verdict never overtakes an earlier one.
        due = max(now + self._delays[check.id].uniform(*AGGREGATION), self._due.get(check.id, 0))
        self._due[check.id] = due
        self._verdicts[check.id].append(is_well)
        self._later(due - now, check.id)

    def _later(self, seconds: float, check_id: str) -> None:
        def hold() -> None:
            self._timers.discard(timer)
            # Timers due at the same time fire in any order, but verdicts apply in theirs.
            self._apply(check_id, self._verdicts[check_id].popleft())

        timer = asyncio.get_running_loop().call_later(self._clock.wall(seconds), hold)
        self._timers.add(timer)

    def _apply(self, check_id: str, is_well: bool) -> None:
        self._effective[check_id] = is_well
        self._answer()

    def _answer(self) -> None:
        before = self.region
        self._choices = self._choose()
        if self.region != before:
            self._on_answer(self.region)

    def _report_health(self) -> None:
        now = self._health()
        changed = {
            id_: healthy for id_, healthy in now.items() if healthy is not self._reported[id_]
        }
        self._reported = now
        for id_, healthy in changed.items():
            self._on_health(id_, healthy)

    def _health(self) -> dict[str, bool]:
        status = self._evaluation.status
        return {each.id: bool(status(each.id, self._observed).healthy) for each in self._used}

    def _choose(self) -> Mapping[str, Record]:
        answer = self._evaluation.answer
        return {name: answer(name, self._effective).record for name in self._evaluation.records}


def _without(check: HealthCheck, gone: Collection[str]) -> HealthCheck:
    children = tuple(child for child in check.children if child not in gone)
    if children == check.children:
        return check
    return replace(check, children=children, child_threshold=len(children))


def _has_checkers(check: HealthCheck) -> bool:
    is_endpoint = check.type in {"HTTPS", "HTTP", "TCP"}
    return is_endpoint and check.region is not None and not check.disabled


class Votes:
    """Verdicts of the 16 checkers of one endpoint.

    A checker starts with healthy and changes its verdict after `threshold` consecutive contrary
    results.
    """

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._says = [True] * CHECKERS
        self._against = [0] * CHECKERS

    def observe(self, checker: int, *, is_well: bool) -> None:
        """Count the result of one probe of a checker, numbered 0 to 15."""
        self._against[checker] = 0 if is_well is self._says[checker] else self._against[checker] + 1
        if self._against[checker] >= self._threshold:
            self._says[checker] = is_well
            self._against[checker] = 0

    @property
    def is_healthy(self) -> bool:
        """Whether more than 18 % of the checkers report healthy."""
        return is_healthy_by_checkers(sum(self._says), CHECKERS)


def checker_region(checker: int) -> str:
    """Return the region of a checker by number.

    Two checkers per region are an assumption: AWS does not document their number.
    """
    return CHECKER_REGIONS[checker % len(CHECKER_REGIONS)]
