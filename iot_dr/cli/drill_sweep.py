"""`iot-dr drill sweep`: which settings would bring a fleet back sooner."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import JsonOption, SeedOption


def sweep(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption = "dev",
    devices: Annotated[
        int | None,
        typer.Option(help="Devices. Default: recovery.fleet.", min=1, max=10_000_000, metavar="N"),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Values of a setting to try beside its own; may be given several times. Default:"
            " some of endpoint.ttl, recovery.backoff_ceiling, health.interval, health.threshold.",
            metavar="KEY=VALUE,VALUE",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Scheduler of a Dask cluster that does the work, such as tcp://127.0.0.1:8786;"
            " its workers have this project installed. Default: this machine's cores.",
            metavar="ADDRESS",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a chart.", parser=given_path, metavar="FILE.svg")
    ] = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Simulate the loss of a region with each combination of settings, and tell which to change.

    Each combination goes through the same three outages, with a DNS cache of each device's own and
    with one that others keep warm; the worse of the two counts. No file of settings is changed.

    More devices than recovery.fleet are judged all the same.

    Exit 0 when a combination meets recovery.rto, 3 when none does.

    Example: iot-dr drill sweep --env dev --set endpoint.ttl=10,30 --set health.interval=10
    """
    from iot_dr.cli.drill_sweep_run import Asked, run  # noqa: PLC0415 - help must not wait for it

    asked = Asked(devices=devices, sets=tuple(change or ()), cluster=cluster, out=out, seed=seed)
    raise typer.Exit(run(env, asked, as_json=as_json))
