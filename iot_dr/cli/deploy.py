"""`iot-dr deploy` and `iot-dr destroy`: an environment brought about, and most of it removed."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption, ProviderOption

_WAIT_MINUTES = 60.0

ConfirmOption = Annotated[
    str | None,
    typer.Option(help="The environment's name, given ahead of the question.", metavar="NAME"),
]


def deploy(  # noqa: PLR0913, PLR0917 - each is an option of the command
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before real changes.")] = False,
    confirm: ConfirmOption = None,
    wait: Annotated[
        float,
        typer.Option(
            help="Minutes to wait for the parent zone to name the new zone's servers.", min=0
        ),
    ] = _WAIT_MINUTES,
    as_json: JsonOption = False,
) -> None:
    """Deploy every stack of an environment with cdktf, in the order in which they go.

    The full log is .deploy/ENV/deploy.log.

    The first real deploy stops after the hosted zone, tells its name servers, and goes on when
    public DNS shows them.

    Example: iot-dr deploy --env dev --provider standin
    """
    from iot_dr.cli.deploy_run import DeployOptions, run_deploy  # noqa: PLC0415 - help is quick

    options = DeployOptions(
        environment=env, provider=provider, yes=yes, confirm=confirm, wait=wait, as_json=as_json
    )
    raise typer.Exit(run_deploy(options))


def destroy(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    confirm: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy the entry point and the regional stacks; the zone, its data and all states stand.

    The full log is .deploy/ENV/destroy.log.

    Example: iot-dr destroy --env dev --confirm dev
    """
    from iot_dr.cli.deploy_run import DestroyOptions, run_destroy  # noqa: PLC0415 - help is quick

    options = DestroyOptions(environment=env, provider=provider, confirm=confirm, as_json=as_json)
    raise typer.Exit(run_destroy(options))
