"""What an outage was rehearsed to, or why it was not."""

from dataclasses import dataclass

from iot_dr.drill.outages.expectation import Expectation
from iot_dr.drill.recording import Recording
from iot_dr.drill.rig.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """An outage that was rehearsed: its title, what happened, and what should have."""

    title: str
    recording: Recording
    world: World
    expectation: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRehearsed:
    """An outage of this name in a region that this machine cannot rehearse, and why, a sentence."""

    title: str
    outage: str
    region: str
    reason: str


OutageResult = Rehearsed | NotRehearsed
