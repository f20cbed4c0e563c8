"""`iot-dr drill simulate`: what an outage does to a fleet of any size, by numbers alone."""

from math import inf
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption, SeedOption


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
            help="Connections that the standby holds in all (quota L-75CAB723). Default: no limit.",
            min=1,
            metavar="N",
        ),
    ] = None,
    stretched: Annotated[
        float,
        typer.Option(
            help="Part of the devices whose resolvers keep an answer for longer than its TTL.",
            min=0,
            max=1,
            metavar="PART",
        ),
    ] = 0.0,
    stretched_ttl: Annotated[
        float,
        typer.Option(help="Seconds for which those keep it at least.", min=0, metavar="SECONDS"),
    ] = 300.0,
    drain: Annotated[
        float,
        typer.Option(
            help="Links a second that an operator closes after a switch.",
            min=0,
            metavar="N",
        ),
    ] = 0.0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Simulate an outage with the settings of an environment, beside what `iot-dr rto` predicts.

    Once for devices with a DNS cache of their own, once behind resolvers that others keep warm.
    Times are in seconds from the outage; ten million devices take less than half a minute for each.

    Exit 0 when 99 % of the devices are back within recovery.rto, 3 when not. More devices than
    recovery.fleet are not judged, as the target is that fleet's.

    Example: iot-dr drill simulate --env dev --outage drop
    """
    from iot_dr.cli.drill_simulate_run import Around, run  # noqa: PLC0415 - help must not wait

    around = Around(
        connections=inf if connections is None else connections,
        stretched=stretched,
        stretched_ttl=stretched_ttl,
        drain=drain,
    )
    raise typer.Exit(
        run(env, devices=devices, outage=outage, seed=seed, as_json=as_json, around=around)
    )
