"""Quick rehearsals: short settings, few devices, and time that runs fast."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from environments.settings import Settings
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.machine import Limits
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.outages.outage import Outage
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import Options
from iot_dr.drill.rehearsal import Rehearsal
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.drill.rig.running_rig import RigSpecification
from iot_dr.drill.rig.world.world import World
from tests.support.settings import settings, with_data

PRIMARY, STANDBY = "eu-west-1", "eu-central-1"
DEVICES: Final = 20
# What a test machine does next to other tests; measuring it is for test_machine.
LIMITS: Final = Limits(cores=2, descriptors=4096, connect_rate=300)
OPTIONS: Final = Options(devices=DEVICES, speed=12, seed=1, habits=Habits(ceiling=10))
MET: Final = (DrillVerdict.PASSED, DrillVerdict.WARN)
"""Verdicts on a design that does what it should: a busy machine may move it later than predicted,
which is a warning; test_prediction judges recordings with known times."""


def quick_settings(**changes: object) -> Settings:
    """Return an environment that fails over as fast as one may."""
    return with_data(
        settings(
            endpoint={"ttl": 10},
            health={"interval": 10, "threshold": 2},
            recovery={"rto": 100, "fleet": DEVICES, "backoff_ceiling": 10},
            **changes,
        )
    )


def rehearsed(
    chosen: Settings, world: World, outage: str | Outage, region: str = PRIMARY
) -> OutageReport:
    """Rehearse an outage, and return its report."""
    kind = OUTAGES[outage] if isinstance(outage, str) else outage
    specification = RigSpecification(
        settings=chosen,
        world=world,
        options=OPTIONS,
        connect_rate=100,
        has_relays=kind.needs_relay,
    )
    machine = LIMITS.machine(DEVICES, OPTIONS.speed, OPTIONS.habits.ceiling)
    recorder = Recorder(world, kind, region, OPTIONS, machine)
    rehearsal = Rehearsal(specification, kind, region, recorder, _quiet)
    recording = asyncio.run(rehearsal.run())
    assert recording.machine
    # What a busy machine does to a verdict has tests of its own; here it must decide nothing.
    recording = replace(recording, machine=replace(recording.machine, lag=0.0))
    result = Rehearsed(
        title=kind.title,
        recording=recording,
        world=world,
        expectation=rehearsal.expectation,
    )
    return OutageReport.of(result, chosen)


def _quiet(_phase: str, _counts: Mapping[str, int]) -> None:
    """Ignore the progress."""
