"""`iot-dr drill simulate`: what an outage does to a fleet of any size, by numbers alone."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption

SeedOption = Annotated[
    int, typer.Option(help="The same seed draws the same phases and waits.", min=0, metavar="N")
]


def simulate(
    env: EnvironmentOption = "dev",
    devices: Annotated[
        int | None,
        typer.Option(help="Devices. Default: recovery.fleet.", min=1, max=100_000_000, metavar="N"),
    ] = None,
    outage: Annotated[
        str,
        typer.Option(help="kill, drop, freeze, expired or switch.", metavar="KIND"),
    ] = "kill",
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
    from iot_dr.cli.drill_simulate_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, devices=devices, outage=outage, seed=seed, as_json=as_json))
