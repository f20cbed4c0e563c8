"""One rehearsal: an environment stands, a region breaks, and what happens is written down."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Final

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit, return_limit
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import Recording
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.standing import RigSpecification, standing
from iot_dr.forecast.recovery_inputs import recovery_inputs
from iot_dr.forecast.recovery_time import recovery_time

Tell = Callable[[str, Mapping[str, int]], None]
"""Is told what the rehearsal does, and how many devices are connected to each region."""

_PATIENCE: Final = 30.0
_POLL: Final = 0.05
_TELL: Final = 0.2
_MARGIN: Final = 30.0
_SETTLING: Final = 10.0
_LONGEST_WAIT: Final = 120.0
_LATCHED: Final = "latched"


class Rehearsal:
    """Rehearses one outage of one region.

    It ends when every device is back, or when it is clear that some will not be in time; then the
    outage is undone, and it is seen what comes back by itself.
    """

    def __init__(
        self,
        specification: RigSpecification,
        outage: Outage,
        region: str,
        recorder: Recorder,
        tell: Tell,
    ) -> None:
        self._specification, self._outage, self._region = specification, outage, region
        self._recorder, self._tell = recorder, tell
        self._phase = "the environment starts"

    @property
    def expectation(self) -> Expectation:
        """What the outage should do."""
        return self._outage.expects(self._specification.world, self._region)

    async def run(self) -> Recording:
        """Rehearse it, and give what was recorded.

        Being cancelled ends it early, as does what fails though nobody broke it: the recording is
        partial then and says why. Raises what cannot be started raises.
        """
        self._tell(self._phase, {})
        try:
            async with standing(self._specification, self._recorder) as rig:
                await self.on(rig)
        except asyncio.CancelledError:
            self._recorder.cut_short(self._recorder.latest, "interrupted")
        return self._recorder.recording()

    async def on(self, rig: Rig) -> None:
        """Rehearse on a rig until it is done, is interrupted, or something fails by itself."""
        loop = asyncio.get_running_loop()
        work, telling = loop.create_task(self._phases(rig)), loop.create_task(self._telling(rig))
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
            telling.cancel()
            await rig.end_later()

    async def _phases(self, rig: Rig) -> None:
        clock = rig.clock
        await self._do("devices connect", rig.fleet.connected(_PATIENCE))
        waits = asyncio.gather(clock.sleep(self._wait + _SETTLING), self._settled(rig))
        await self._do("all is well", waits)
        self._recorder.breaks(clock.now(), self._outage.title)
        await self._do(self._outage.title, self._outage.begin(rig, self._region))
        await self._until_over(rig)
        self._recorder.mends(clock.now())
        await self._do("the outage is undone", self._outage.end(rig, self._region))
        await clock.sleep(self._rest)

    async def _settled(self, rig: Rig) -> None:
        """Wait until what was wrong from the start has been found, and counts for the answer."""
        await rig.route53.settled()
        if self._specification.world.watcher and await rig.decision == _LATCHED:
            await rig.clock.sleep(detection_limit(self._specification.world))

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
            if self._all_are_elsewhere(rig.fleet.counts):
                await rig.clock.sleep(_SETTLING)
                return
            await asyncio.sleep(_POLL)

    def _all_are_elsewhere(self, counts: Mapping[str, int]) -> bool:
        total = sum(counts.values())
        return not counts.get(self._region) and total == self._specification.options.devices

    @property
    def _wait(self) -> float:
        """Rehearsed seconds until what devices asked when they connected has expired.

        A fleet that is old asks anew when it is cut off. Answers that outlast the whole rehearsal
        need not be waited for: they do so all the same.
        """
        ttl = self._specification.world.ttl
        return ttl if ttl < self._limit + 2 * _LONGEST_WAIT else _LONGEST_WAIT

    @cached_property
    def _limit(self) -> float:
        """Rehearsed seconds after which nobody waits any longer for a device."""
        world, options = self._specification.world, self._specification.options
        bound = recovery_time(recovery_inputs(self._specification.settings, options.devices)).bound
        latest = min(bound, max(world.recovery.rto, detection_limit(world)))
        return latest + self._outage.delay + _MARGIN

    @property
    def _rest(self) -> float:
        """Rehearsed seconds in which the answer would go back, and devices that wait connect."""
        habits = self._specification.options.habits
        waits = habits.ceiling + habits.connect_timeout
        return max(return_limit(self._specification.world), waits) + _SETTLING

    async def _telling(self, rig: Rig) -> None:
        while True:
            self._tell(self._phase, rig.fleet.counts)
            await asyncio.sleep(_TELL)

    async def _collect(self, rig: Rig) -> None:
        """Stop the devices, then take what consumers have still to get."""
        self._phase = "devices stop"
        ended = rig.clock.now()
        logbook = await rig.fleet.stop()
        for consumer in rig.consumers:
            await consumer.drained()
        self._recorder.ends(ended, logbook, rig.ledger.messages(logbook.sent), rig.lag.worst())
