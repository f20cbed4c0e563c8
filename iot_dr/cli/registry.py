"""`iot-dr registry`: whether the regions hold the same devices, and what is done when not."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption

app = typer.Typer(
    help="Compare the device registries of regions, watch them, bring them into step.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Region = Annotated[str, typer.Argument(help="Region of the environment.", metavar="REGION")]
_RateOption = Annotated[
    float | None,
    typer.Option(
        help="Calls a second of each API in each region. Default: 80 % of AWS's default quota of"
        " each.",
        min=0.1,
        max=10_000,
        metavar="N",
    ),
]
_ResumeOption = Annotated[
    Path | None,
    typer.Option(
        help="File that keeps how far it came; the same command goes on from it.", metavar="FILE"
    ),
]


@app.command()
def diff(  # noqa: PLR0913, PLR0917 - one argument for each option
    first: _Region,
    second: _Region,
    env: EnvironmentOption = "dev",
    rate: _RateOption = None,
    resume: _ResumeOption = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print values too, those in shadows included.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare all that two regions hold: types, groups, policies, certificates, things, shadows.

    Changes nothing. A thing costs 3 calls in each region, its shadows one for their names and one
    each. By AWS's default quotas ListThingPrincipalsV2 and DescribeCertificate decide how long it
    takes: 8 a second, an hour for 28,800 things. Terraform's device policy is left out. Exit 0 when
    both hold the same, 3 when not, 1 when AWS refuses or does not answer, 2 for a mistake.

    Example: iot-dr registry diff eu-west-1 eu-central-1 --env dev --resume diff.ledger
    """
    from iot_dr.cli.registry_diff_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, (first, second), rate, resume, show=show, as_json=as_json))


@app.command()
def status(
    env: EnvironmentOption = "dev",
    hours: Annotated[
        float, typer.Option(help="Hours over which lags count.", min=0.01, max=2160, metavar="N")
    ] = 24.0,
    older: Annotated[
        float,
        typer.Option(help="Seconds that a change may wait to be taken over.", min=0, metavar="N"),
    ] = 300.0,
    as_json: JsonOption = False,
) -> None:
    """Show what each region holds, how late it took it over, and what it has not taken over yet.

    Read from the table in the first region that answers; one that does not is named after 2 s.
    Exit 0 when all is well, 3 when something is parked or waits for longer than --older, 1 when no
    region answers, 2 for a mistake.

    Example: iot-dr registry status --env dev
    """
    from iot_dr.cli.registry_status_run import run  # noqa: PLC0415 - as above

    raise typer.Exit(run(env, hours, older, as_json=as_json))


@app.command()
def sync(
    regions: Annotated[
        list[str] | None,
        typer.Argument(
            help="Regions of the environment; all when left out.", metavar="[REGION]..."
        ),
    ] = None,
    env: EnvironmentOption = "dev",
    timeout: Annotated[
        float, typer.Option(help="Seconds to watch at the most.", min=1, metavar="N")
    ] = 3600.0,
    as_json: JsonOption = False,
) -> None:
    """Have regions compare what they hold with the table now, and watch until nothing is left.

    Starts the function that also runs on a schedule. Nothing is left when for a minute no change
    waits and no message is under way. Exit 0 then, 3 when something is parked or left after
    --timeout, 1 when a region's function cannot be started, 2 for a mistake.

    Example: iot-dr registry sync eu-central-1 --env dev
    """
    from iot_dr.cli.registry_sync_run import run  # noqa: PLC0415 - as above

    raise typer.Exit(run(env, tuple(regions or ()), timeout, as_json=as_json))


@app.command()
def seed(  # noqa: PLR0913, PLR0917 - as above
    source: Annotated[str, typer.Option("--from", help="Region to copy.", metavar="REGION")],
    target: Annotated[str, typer.Option("--to", help="Region to write.", metavar="REGION")],
    env: EnvironmentOption,
    rate: _RateOption = None,
    resume: _ResumeOption = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete what the target has and the source has not.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a new region, or one that was away for long, to what another one holds.

    Writes the target's rows of the table too, so that its functions take none of it for a change.
    What the target holds otherwise is overwritten, but a certificate that is shut out there stays
    so. Run it twice: the second run writes nothing. Exit 0 when all is there, 3 when something is
    left, 1 when AWS refuses or does not answer, 2 for a mistake or without an agreement.

    Example: iot-dr registry seed --from eu-west-1 --to eu-north-1 --env prod --resume seed.ledger
    """
    from iot_dr.cli.registry_seed_run import Wish, run  # noqa: PLC0415 - as above

    wish = Wish(env, source, target, rate, resume, delete=delete, yes=yes, as_json=as_json)
    raise typer.Exit(run(wish))
