"""Result of an outage: its rehearsal, or the reason why it was skipped."""

from dataclasses import dataclass

from iot_dr.drill.outages.expectation import Expectation
from iot_dr.drill.recording import Recording
from iot_dr.drill.rig.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A rehearsed outage: its title, recording, world and expectation."""

    title: str
    recording: Recording
    world: World
    expectation: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRehearsed:
    """An outage that was not rehearsed; `reason` is a clause without a full stop."""

    title: str
    outage: str
    region: str
    reason: str


OutageResult = Rehearsed | NotRehearsed
