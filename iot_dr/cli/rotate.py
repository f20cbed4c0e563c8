"""`iot-dr rotate`: a new server certificate for one region."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption, ProviderOption


def rotate(  # noqa: PLR0913, PLR0917 - one argument for each option
    region: Annotated[str, typer.Option(help="Region of the environment.", metavar="REGION")],
    env: EnvironmentOption,
    provider: ProviderOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also when devices still connect to the region, or a name does not let its"
            " certificate be seen; when nothing is served and the keeper is gone, make the endpoint"
            " again without switch and record.",
        ),
    ] = False,
    abandon: Annotated[
        bool,
        typer.Option("--abandon", help="End a rotation that has replaced nothing yet."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Replace a region's server certificate, while another region takes the devices.

    Switches the region away, waits until it is drained, deletes and recreates the certificate and
    what serves it, waits until it is served (up to 60 minutes), and switches back. Shows first
    what will happen, with Terraform's plan; any answer but `yes` changes nothing. Stopped at any
    moment, the same command goes on, on any machine. Exit 0 when it is done, 1 when AWS, Terraform
    or you refuse or a wait was too long, 2 for a mistake, 130 for Ctrl-C.

    Example: iot-dr rotate --region eu-central-1 --env prod --provider aws
    """
    from iot_dr.cli.rotate_run import RotateWish, run  # noqa: PLC0415 - help must not wait for it

    wish = RotateWish(
        environment=env,
        region=region,
        provider=provider,
        yes=yes,
        force=force,
        abandon=abandon,
        as_json=as_json,
    )
    raise typer.Exit(run(wish))
