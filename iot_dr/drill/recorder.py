"""Writes down what happens in a rehearsal, while it happens."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import floor
from typing import Final

from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.outages.outage import Outage
from iot_dr.drill.recording import Connection, Kind, Machine, Messages, Moment, Options, Recording
from iot_dr.drill.rig.region.cloudwatch import LOOK_DELAY
from iot_dr.drill.rig.world.world import World
from iot_dr.forecast.detection import AGGREGATION, CHECKERS
from modules.checker_regions import CHECKER_REGIONS

_EARLY, _LATE = AGGREGATION

ASSUMPTIONS: Final[Mapping[str, str]] = {
    "checkers": f"{CHECKERS} checkers ask each endpoint, {CHECKERS // len(CHECKER_REGIONS)} from"
    " each checker region, each at a moment of its own; AWS tells the regions, not how many",
    "aggregation": f"the answer changes {_EARLY:g} to {_LATE:g} s after the checkers' verdict, or"
    " after an alarm has changed",
    "alarms": f"an alarm shows what came in a minute {LOOK_DELAY:g} s after that minute's end",
    "cold starts": "a further instance of the canary is there at once; Lambda needs longer for one",
    "blind checkers": "the probes of checkers that reach nothing fail at once",
    "devices": "all devices show one client certificate, as checking many is no other work",
    "network": "packets on this machine take no time: distances between regions are left out",
}
"""The assumptions by name; each is a sentence."""


class Recorder:
    """Takes times as the clock tells them, and gives them as seconds after the outage.

    Where that never came, they count from the end.
    """

    def __init__(
        self, world: World, outage: Outage, region: str, options: Options, machine: Machine
    ) -> None:
        self._broken: float | None = None
        self._mended: float | None = None
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
        )

    def note(self, at: float, kind: Kind, what: str) -> None:
        """Note something that happened."""
        self._made.moments.append(Moment(at=at, kind=kind, what=what))

    def answers(self, at: float, region: str) -> None:
        """Note that the device name leads to a region from now on, unless it did before."""
        if self._made.answers and self._made.answers[-1][1] == region:
            return
        if self._made.answers:
            self.note(at, "flip", f"the answer is {region}")
        self._made.answers.append((at, region))

    def health(self, at: float, check: str, *, is_healthy: bool) -> None:
        """Note that Route 53 holds something else of a check."""
        self._made.health.append((at, check, is_healthy))
        self.note(at, "detection", f"{check} is {'healthy' if is_healthy else 'unhealthy'}")

    def breaks(self, at: float, what: str) -> None:
        """Note that the outage begins."""
        self._broken = at
        self.note(at, "outage", what)

    def mends(self, at: float) -> None:
        """Note that the outage is undone."""
        self._mended = at
        self.note(at, "outage", "the outage is undone")

    @property
    def latest(self) -> float:
        """The time of the last thing that was noted, 0 where there was none."""
        return max((each.at for each in self._made.moments), default=0.0)

    def cut_short(self, at: float, why: str) -> None:
        """Note that the rehearsal does not come to its end, and why."""
        self._made.is_partial = True
        self._end = at
        self.note(at, "note", why)

    def ends(self, at: float, logbook: Logbook, messages: Messages, lag: float) -> None:
        """Take over what devices noted, what consumers make of it, and how late this process was.

        `lag` is in rehearsed seconds, of 1 % of what it had to do.
        """
        self._end, self._logbook = at, logbook
        self._made.messages = messages
        self._made.machine = replace(self._machine, lag=lag)

    def recording(self) -> Recording:
        """Return what was noted, with all times after the outage."""
        begin = self._end if self._broken is None else self._broken
        made = self._made
        return replace(
            made,
            ended=self._end - begin,
            restored=None if self._mended is None else self._mended - begin,
            moments=sorted(
                (replace(each, at=each.at - begin) for each in made.moments),
                key=lambda each: each.at,
            ),
            answers=[(at - begin, region) for at, region in made.answers],
            health=[(at - begin, check, healthy) for at, check, healthy in made.health],
            connections=[_shifted(each, begin) for each in self._logbook.connections],
            attempts=dict(
                sorted(Counter(floor(at - begin) for at in self._logbook.attempts).items())
            ),
            refusals=dict(self._logbook.refusals),
        )


def _shifted(connection: Connection, begin: float) -> Connection:
    end = None if connection.end is None else connection.end - begin
    return replace(connection, begin=connection.begin - begin, end=end)
