"""`iot-dr role`: which region is the primary."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import (
    JOBS,
    TIMEOUT,
    JobsOption,
    JsonOption,
    ProviderOption,
    TimeoutOption,
)

app = typer.Typer(
    help="Show what another primary would change.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def plan(  # noqa: PLR0913, PLR0917 - one argument for each option
    to: Annotated[str, typer.Option(help="The region to become the primary.", metavar="REGION")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Plan an environment with another primary, and show what devices will see and how to do it.

    Nothing is applied. Before the change is the environment as its file says it is; with
    --provider aws what is applied. Exit 0 when only the entry point would change, 1 when anything
    else would or a stack cannot be planned, 2 for a mistake.

    Example: iot-dr role plan --to eu-central-1 --env dev
    """
    from iot_dr.cli.role_run import RoleOptions, run  # noqa: PLC0415 - help must not wait for it

    options = RoleOptions(
        to=to, environment=env, provider=provider, jobs=jobs, timeout=timeout, as_json=as_json
    )
    raise typer.Exit(run(options))
