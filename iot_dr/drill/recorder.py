"""Recorder of a running rehearsal."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import floor
from typing import Final

from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.outages.outage import Outage
from iot_dr.drill.recording import (
    Kind,
    MachineLoad,
    Messages,
    Options,
    Recording,
    SwitchPut,
    TimelineEvent,
)
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION, CHECKERS, EVALUATION_DELAY
from modules.checker_regions import CHECKER_REGIONS

_EARLY, _LATE = AGGREGATION

ASSUMPTIONS: Final[Mapping[str, str]] = {
    "checkers": f"{CHECKERS} checkers probe each endpoint, {CHECKERS // len(CHECKER_REGIONS)} from"
    " each checker region, each with its own phase; AWS documents the regions, not the number",
    "aggregation": f"the answer changes {_EARLY:g} to {_LATE:g} s after the checkers' verdict or"
    " the alarm's state has changed",
    "alarms": f"an alarm evaluates a period {EVALUATION_DELAY:g} s after the period's end",
    "cold starts": "a new instance of the canary starts at once; Lambda takes longer",
    "blind checkers": "the probes of checkers without network fail at once",
    "devices": "all devices present one client certificate; verifying many is the same work",
    "network": "packets on this machine take no time; latency between regions is left out",
}
"""Assumptions of the rehearsal by name, a sentence each."""


class Recorder:
    """Records with the clock's times, and returns them as seconds after the outage began.

    If no outage began, times count from the end of the rehearsal.
    """

    def __init__(
        self, world: World, outage: Outage, region: str, options: Options, machine: MachineLoad
    ) -> None:
        self._broken: float | None = None
        self._restored: float | None = None
        self._end = 0.0
        self._logbook = Logbook()
        self._machine = machine
        self._made = Recording(
            environment=world.environment,
            outage=outage.name,
            region=region,
            devices=options.devices,
            speed=options.speed,
            seed=options.seed,
            habits=options.habits,
            ttl=world.ttl,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            order=tuple(site.region for site in world.sites),
            shared_resolvers=options.shared_caches,
            machine=machine,
            assumptions=ASSUMPTIONS,
            unrehearsed=world.unrehearsed,
            fewer=options.fewer,
        )

    def event(self, at: float, kind: Kind, description: str) -> None:
        """Record an event."""
        self._made.events.append(TimelineEvent(at=at, kind=kind, description=description))

    def answers(self, at: float, region: str) -> None:
        """Record that the device name resolves to a region from now on, if it did not before."""
        if self._made.answers and self._made.answers[-1][1] == region:
            return
        if self._made.answers:
            self.event(at, "flip", f"the answer is {region}")
        self._made.answers.append((at, region))

    def health(self, at: float, check: str, *, is_healthy: bool) -> None:
        """Record a changed status of a health check."""
        self._made.health.append((at, check, is_healthy))
        self.event(at, "detection", f"{check} is {'healthy' if is_healthy else 'unhealthy'}")

    def probed(self, check: str, *, is_well: bool) -> bool:
        """Record a probe of a health check, if the outage has not begun; return its result."""
        if self._broken is None:
            passed, number = self._made.probes.get(check, (0, 0))
            self._made.probes[check] = (passed + is_well, number + 1)
        return is_well

    def switch_put(self, put: SwitchPut) -> None:
        """Record a put of a switch's metric."""
        self._made.switch_puts.append(put)
        without = put.unregistered and f" without its register ({put.unregistered})"
        description = f"the {put.by} switches {put.region} {put.action}{without}"
        self.event(put.at, "switch", description)

    def unserved(self, at: float, region: str, why: str) -> None:
        """Record that a region does not serve a device under the device name, and why."""
        self._made.unserved[region] = why
        self.event(at, "note", f"{region} does not serve devices: {why}")

    def outage_began(self, at: float, description: str) -> None:
        """Record that the outage begins."""
        self._broken = at
        self.event(at, "outage", description)

    def failed(self, at: float, region: str) -> None:
        """Record that another region fails during the outage."""
        self._made.later_failures.append((at, region))
        self.event(at, "outage", f"{region} fails too")

    def outage_ended(self, at: float) -> None:
        """Record that the outage is undone."""
        self._restored = at
        self.event(at, "outage", "the outage is undone")

    @property
    def latest(self) -> float:
        """The latest time of an event, in the clock's seconds; 0 without events."""
        return max((each.at for each in self._made.events), default=0.0)

    def cut_short(self, at: float, why: str) -> None:
        """Record that the rehearsal ends early, and why."""
        self._made.is_partial = True
        self._end = at
        self.event(at, "note", why)

    def finish(self, at: float, logbook: Logbook, messages: Messages, lag: float) -> None:
        """Record the end: the devices' logbook, the message counts and this process's lag.

        `lag` is the 99th percentile in rehearsed seconds; the devices' process may be later.
        """
        self._end, self._logbook = at, logbook
        self._made.messages = messages
        self._made.machine = replace(self._machine, lag=max(lag, logbook.lag))

    def recording(self) -> Recording:
        """Return the recording, with times in seconds after the outage began."""
        begin = self._end if self._broken is None else self._broken
        attempts = Counter(floor(at - begin) for at in self._logbook.attempts)
        whole = replace(
            self._made,
            ended=self._end,
            restored=self._restored,
            connections=self._logbook.connections,
            attempts=dict(sorted(attempts.items())),
            refusals=dict(self._logbook.refusals),
        )
        return whole.since(begin)
