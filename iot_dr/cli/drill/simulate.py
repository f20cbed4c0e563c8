"""`iot-dr drill simulate`: simulates an outage for a fleet of any size."""

from dataclasses import replace
from math import inf
from typing import Annotated

import typer

from environments.loader import load
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import EnvironmentOption, JsonOption, SeedOption
from iot_dr.cli.progress import CountProgress
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UsageError
from iot_dr.drill.extras import require_extra
from iot_dr.drill.simulate.scenario import CACHES, OUTAGES, scenario_of
from iot_dr.forecast.quotas import QUOTAS


def simulate(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption = "dev",
    devices: Annotated[
        int | None,
        typer.Option(help="Devices. Default: recovery.fleet.", min=1, max=100_000_000, metavar="N"),
    ] = None,
    outage: Annotated[
        str,
        typer.Option(help="kill, drop, freeze, expired or switch.", metavar="KIND"),
    ] = "kill",
    connections: Annotated[
        int | None,
        typer.Option(
            help=f"Most connections of the standby (quota {QUOTAS['connections']})."
            " Default: no limit.",
            min=1,
            metavar="N",
        ),
    ] = None,
    stretched: Annotated[
        float,
        typer.Option(
            help="Share of devices whose resolvers cache an answer for longer than its TTL.",
            min=0,
            max=1,
            metavar="PART",
        ),
    ] = 0.0,
    stretched_ttl: Annotated[
        float,
        typer.Option(help="Their shortest caching time in seconds.", min=0, metavar="SECONDS"),
    ] = 300.0,
    drain: Annotated[
        float,
        typer.Option(
            help="Links per second that an operator closes after a switch.",
            min=0,
            metavar="N",
        ),
    ] = 0.0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Simulate an outage, and compare it with the prediction of `iot-dr rto`.

    Simulates devices with their own DNS caches, then devices behind resolvers that others keep
    warm. Times are seconds after the outage. Ten million devices take less than half a minute for
    each.

    Exit 0 if 99 % of the devices are back within recovery.rto, or if there are more of them than
    recovery.fleet, to which the target applies; else 3.

    Example: iot-dr drill simulate --env dev --outage drop
    """
    settings = load(env)
    require_extra()
    from iot_dr.cli.drill.simulate_report import SimulateReport  # noqa: PLC0415 - as below
    from iot_dr.drill.simulate import simulation  # noqa: PLC0415 - needs the extra

    if outage not in OUTAGES:
        allowed = ", ".join(OUTAGES)
        message = f"--outage {outage}: not a kind that is simulated; expected one of {allowed}"
        raise UsageError(message)
    kind = OUTAGES[OUTAGES.index(outage)]
    fleet = devices or settings.recovery.fleet
    report = SimulateReport(settings=settings, devices=fleet, outage=kind, seed=seed)
    with CountProgress("simulated", len(CACHES)).shown() as progress:
        for cache in CACHES:
            scenario = replace(
                scenario_of(settings, kind, cache=cache),
                connections=inf if connections is None else connections,
                stretched=stretched,
                stretched_ttl=stretched_ttl,
                drain=drain,
            )
            report.add(cache, simulation.simulate(fleet, scenario, seed))
            progress.done()
    is_missed = report.verdict.is_missed and not report.is_for_larger_fleet
    exit_status = ExitStatus.NOT_GOOD if is_missed else 0
    print_report("drill simulate", report, exit_status, env, as_json=as_json)
    raise typer.Exit(exit_status)
