"""Rehearsals compared with the simulation of the run's own DNS change, and with `iot-dr rto`."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import cast

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.drill.drill import Drill
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.report import DrillReport
from iot_dr.drill.simulate.scenario import Outage, scenario_of
from iot_dr.drill.simulate.simulation import simulate
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs

_SIMULATED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One rehearsal: seconds of the DNS change, and of p50 and p99, with the predictions.

    `rto` is None if links fail silently, which its percentiles exclude.
    """

    kind: str
    seed: int
    failover: float
    measured: tuple[float, float]
    simulated: tuple[float, float]
    rto: tuple[float, float] | None
    verdict: str


def runs(
    settings: Settings, kinds: Sequence[str], devices: int, speed: float, seed: int
) -> list[Run]:
    """Rehearse each kind of outage of the primary once.

    Raises what a drill raises, and UserError if a rehearsal did not pass.
    """
    drill = Drill(settings, devices, speed, seed, 0, _Lines())
    region = settings.failover_order[0]
    asyncio.run(drill.run([OUTAGES[kind] for kind in kinds], region, None))
    reports = DrillReport.of(drill.results, settings).outages
    made = [_run(settings, each) for each in reports if isinstance(each, OutageReport)]
    if odd := [run for run in made if run.verdict != "passed"]:
        message = f"no figures: {odd[0].kind} with seed {seed} is {odd[0].verdict}"
        raise UserError(message)
    for run in made:
        sys.stderr.write(f"  seed {seed}: {run.kind}: {run.measured}, {run.simulated}\n")
    return made


class _Lines:
    def outage(self, name: str, region: str) -> None:
        sys.stderr.write(f"  {name} of {region}\n")

    def update(self, phase: str, counts: Mapping[str, int]) -> None:
        """Show no progress."""


def _run(settings: Settings, report: OutageReport) -> Run:
    recording, recovery = report.recording, report.figures.recovery
    failover = report.figures.failover.at if report.figures.failover else inf
    scenario = replace(scenario_of(settings, cast("Outage", recording.outage)), connect_rate=inf)
    simulated = simulate(_SIMULATED, scenario, recording.seed, failover)
    own = recovery_time(recovery_inputs(settings, recording.devices)).own_cache
    return Run(
        kind=recording.outage,
        seed=recording.seed,
        failover=failover,
        measured=(_or_never(recovery.p50), _or_never(recovery.p99)),
        simulated=(simulated.p50, simulated.p99),
        rto=None if scenario.is_silent else (own.p50, own.p99),
        verdict=report.verdict.value,
    )


def _or_never(seconds: float | None) -> float:
    return inf if seconds is None else seconds
