"""`iot-dr drill`: proves on this machine that devices fail over, before an outage does."""

from pathlib import Path
from typing import Annotated, Final

import typer

from iot_dr.cli.drill_simulate import simulate
from iot_dr.cli.drill_sweep import sweep
from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import JsonOption, SeedOption

app = typer.Typer(
    help="Rehearse failovers on this machine, and simulate what a large fleet would do.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_OUT: Final = Path("drill")


@app.command()
def run(  # noqa: PLR0913, PLR0917 - one argument for each option
    env: EnvironmentOption = "dev",
    outage: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of outage; may be given several times, `all` is every kind. Default: those"
            " of each month.",
            metavar="KIND",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Region that fails. Default: the primary.", metavar="REGION")
    ] = None,
    devices: Annotated[
        int | None,
        typer.Option(
            help="Devices. Default: 300, or as many as this machine and the speed allow.",
            min=1,
            max=20_000,
            metavar="N",
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            help="How much faster than real time; intervals and TTLs pass so much sooner.",
            min=1,
            max=60,
            metavar="N",
        ),
    ] = 15.0,
    seed: SeedOption = 1,
    shared_caches: Annotated[
        int,
        typer.Option(
            help="Resolvers that devices share and others keep warm. Default: each device has a"
            " cache of its own.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for report.html, report.json and junit.xml.",
            parser=given_path,
            metavar="FOLDER",
        ),
    ] = _OUT,
    as_json: JsonOption = False,
) -> None:
    """Rehearse outages of an environment with real brokers, TLS and DNS, from its own Terraform.

    Reads names, records, checks and switches out of what `iot-dr synth` makes, starts a broker for
    each region on this machine, lets devices connect, and breaks a region. Nothing outside this
    machine is asked, and AWS is never called.

    Exit 0 when every target was met, 3 when one was missed (recovery.rto, a message lost, a device
    not back), 1 when a rehearsal is not valid or was cut short, 2 for a mistake, 130 for Ctrl-C;
    the report is written as soon as an outage has begun.

    Example: iot-dr drill run --env dev --devices 500 --outage kill --region eu-west-1
    """
    from iot_dr.cli.drill_run import Asked, run  # noqa: PLC0415 - help must not wait for it

    asked = Asked(
        outages=tuple(outage or ()),
        region=region,
        devices=devices,
        speed=speed,
        seed=seed,
        shared_caches=shared_caches,
        out=out,
    )
    raise typer.Exit(run(env, asked, as_json=as_json))


@app.command("list")
def list_(env: EnvironmentOption = "dev", as_json: JsonOption = False) -> None:
    """List the kinds of outages, and what each should do to the devices of an environment.

    Example: iot-dr drill list --env dev
    """
    from iot_dr.cli.drill_list_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, as_json=as_json))


app.command()(simulate)
app.command()(sweep)
