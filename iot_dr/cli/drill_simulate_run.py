"""The work of `iot-dr drill simulate`."""

import json
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Final

import typer

from environments.loader import load
from iot_dr.cli.simulation_progress import SimulationProgress
from iot_dr.common.user_error import UsageError
from iot_dr.drill.extras import require_extra

_TOO_LATE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the settings do not tell; the names and units are those of a Scenario."""

    connections: float = inf
    stretched: float = 0.0
    stretched_ttl: float = 0.0
    drain: float = 0.0


def run(  # noqa: PLR0913 - one argument for each option
    environment: str,
    *,
    devices: int | None,
    outage: str,
    seed: int,
    as_json: bool,
    around: Around = Around(),
) -> int:
    """Simulate with both kinds of DNS cache and print; give the exit status: 0, or 3 when late.

    Raises UsageError for a kind of outage that is not modelled, MissingExtraError without numpy.
    """
    settings = load(environment)
    require_extra()
    from iot_dr.cli.drill_simulate_report import CACHES, SimulateReport  # noqa: PLC0415 - as above
    from iot_dr.drill.simulate.scenario import OUTAGES, scenario_of  # noqa: PLC0415 - as above
    from iot_dr.drill.simulate.simulation import simulate  # noqa: PLC0415 - needs the extra

    if outage not in OUTAGES:
        allowed = ", ".join(OUTAGES)
        message = f"--outage {outage}: this kind is not modelled; allowed: {allowed}"
        raise UsageError(message)
    kind = OUTAGES[OUTAGES.index(outage)]
    fleet = devices or settings.recovery.fleet
    report = SimulateReport(settings=settings, devices=fleet, outage=kind, seed=seed)
    with SimulationProgress(len(CACHES)).shown() as progress:
        for cache in CACHES:
            scenario = replace(scenario_of(settings, kind, cache=cache), **asdict(around))
            outcome = simulate(fleet, scenario, seed)
            report.add(cache, outcome)
            progress.done()
    typer.echo(json.dumps(report.document(), indent=2) if as_json else report.text())
    return _TOO_LATE if report.is_too_late else 0
