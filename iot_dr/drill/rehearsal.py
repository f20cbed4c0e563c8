"""One rehearsal: start an environment, break a region, record what happens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Final

from iot_dr.drill.fleet.fleet import UnservedError
from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import POLL, SETTLING, Outage, detection_limit, return_limit
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import Recording
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.running_rig import RigSpecification, running_rig
from iot_dr.forecast.failover_cause import FailoverCause, cause_time
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs

OnProgress = Callable[[str, Mapping[str, int]], None]
"""Receives the current phase and the number of connected devices by region."""

_PATIENCE: Final = 30.0
_PROGRESS_INTERVAL: Final = 0.2
_MARGIN: Final = 30.0
_LONGEST_WAIT: Final = 120.0
_LATCHED: Final = "latched"


class Rehearsal:
    """Rehearses one outage of one region.

    Before it, every standby is probed as a device would connect. The outage lasts as long as its
    `lasts` says, else until every device is back, and the watcher has switched the region away
    where fail-back is latched, or until the time limit. It is then undone, and the rehearsal goes
    on long enough to observe what recovers by itself.
    """

    def __init__(
        self,
        specification: RigSpecification,
        outage: Outage,
        region: str,
        recorder: Recorder,
        on_progress: OnProgress,
    ) -> None:
        self._specification, self._outage, self._region = specification, outage, region
        self._recorder, self._on_progress = recorder, on_progress
        self._phase = "the environment starts"

    @property
    def expectation(self) -> Expectation:
        """The expected effect of the outage."""
        return self._outage.expects(self._specification.world, self._region)

    async def run(self) -> Recording:
        """Rehearse the outage and return its recording.

        The recording is partial, with the reason, if the rehearsal is cancelled or a part of the
        rig fails by itself. Raises the error of a part that cannot be started.
        """
        self._on_progress(self._phase, {})
        try:
            async with running_rig(self._specification, self._recorder) as rig:
                await self.run_on(rig)
        except asyncio.CancelledError:
            self._recorder.cut_short(self._recorder.latest, "interrupted")
        return self._recorder.recording()

    async def run_on(self, rig: Rig) -> None:
        """Rehearse on a running rig until the end, an interrupt, or an unplanned failure."""
        loop = asyncio.get_running_loop()
        work = loop.create_task(self._phases(rig))
        progress = loop.create_task(self._report_progress(rig))
        watching = loop.create_task(rig.lag.watch())
        try:
            await asyncio.wait([work, *rig.deaths], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._recorder.cut_short(rig.clock.now(), "interrupted")
        if dead := [death.result() for death in rig.deaths if death.done()]:
            self._recorder.cut_short(rig.clock.now(), "; ".join(dead))
        for task in (work, watching):
            task.cancel()
        (failed, _) = await asyncio.gather(work, watching, return_exceptions=True)
        if isinstance(failed, Exception):
            self._recorder.cut_short(rig.clock.now(), f"{type(failed).__name__}: {failed}")
        try:
            await self._collect(rig)
        finally:
            progress.cancel()
            await rig.cancel_background()

    async def _phases(self, rig: Rig) -> None:
        clock = rig.clock
        try:
            await self._do("devices connect", rig.fleet.connected(_PATIENCE))
        except UnservedError as error:
            self._recorder.unserved(clock.now(), self._primary, str(error))
            return
        waits = asyncio.gather(clock.sleep(self._wait + SETTLING), self._settled(rig))
        await self._do("the environment is healthy", waits)
        await self._do("standbys are probed as a device would", self._probe_standbys(rig))
        self._recorder.outage_began(clock.now(), self._outage.title)
        await self._do(self._outage.title, self._outage.begin(rig, self._region))
        await self._until_over(rig)
        self._recorder.outage_ended(clock.now())
        await self._do("the outage is undone", self._outage.end(rig, self._region))
        await clock.sleep(self._rest)

    async def _settled(self, rig: Rig) -> None:
        """Wait until failures that exist from the start are detected and affect the answer."""
        await rig.route53.settled()
        if self._specification.world.is_watched and await rig.decision == _LATCHED:
            await rig.clock.sleep(detection_limit(self._specification.world))

    async def _probe_standbys(self, rig: Rig) -> None:
        for site in self._specification.world.sites:
            if site.region != self._primary and (why := await rig.fleet.refusal(site.region)):
                self._recorder.unserved(rig.clock.now(), site.region, why)

    async def _do(self, phase: str, work: Awaitable[object]) -> None:
        self._phase = phase
        await work

    async def _until_over(self, rig: Rig) -> None:
        begin, lasts = rig.clock.now(), self._outage.lasts(self._specification.world)
        if lasts is None and self.expectation.effect is not Effect.MOVES:
            lasts = detection_limit(self._specification.world)
        if lasts is not None:
            await rig.clock.sleep(lasts)
            return
        while rig.clock.now() - begin < self._limit:
            is_held = not self._is_latched or rig.is_switched_away(self._region)
            if is_held and self._all_are_elsewhere(rig.fleet.counts):
                await rig.clock.sleep(SETTLING)
                return
            await asyncio.sleep(POLL)

    def _all_are_elsewhere(self, counts: Mapping[str, int]) -> bool:
        total = sum(counts.values())
        return not counts.get(self._region) and total == self._specification.options.devices

    @property
    def _primary(self) -> str:
        return self._specification.settings.failover_order[0]

    @property
    def _is_latched(self) -> bool:
        return self.expectation.is_latched

    @property
    def _wait(self) -> float:
        """Rehearsed seconds until the DNS answers of the first connects have expired.

        A fleet that has been connected for long queries DNS again when it is cut off. For a TTL
        longer than the rehearsal, waiting would change nothing.
        """
        ttl = self._specification.world.ttl
        return ttl if ttl < self._limit + 2 * _LONGEST_WAIT else _LONGEST_WAIT

    @cached_property
    def _limit(self) -> float:
        """Rehearsed seconds after which the outage is undone even if devices are missing."""
        world, options = self._specification.world, self._specification.options
        inputs = recovery_inputs(self._specification.settings, options.devices)
        bound = recovery_time(inputs).bound
        latest = min(bound, max(world.recovery.rto, detection_limit(world)))
        if self._is_latched:
            latest = max(latest, cause_time(inputs, FailoverCause.WATCHER).bound)
        return latest + self._outage.delay + _MARGIN

    @property
    def _rest(self) -> float:
        """Rehearsed seconds after the outage for fail-back and for devices in their back-off."""
        habits = self._specification.options.habits
        waits = habits.ceiling + habits.connect_timeout
        return max(return_limit(self._specification.world), waits) + SETTLING

    async def _report_progress(self, rig: Rig) -> None:
        while True:
            self._on_progress(self._phase, rig.fleet.counts)
            await asyncio.sleep(_PROGRESS_INTERVAL)

    async def _collect(self, rig: Rig) -> None:
        """Stop the devices, then let consumers receive the messages under way."""
        self._phase = "devices stop"
        ended = rig.clock.now()
        logbook = await rig.fleet.stop()
        for consumer in rig.consumers:
            await consumer.drained()
        self._recorder.finish(ended, logbook, rig.ledger.messages(logbook.sent), rig.lag.worst())
