"""`iot-dr sandbox`: an environment applied on this machine, with the stand-in provider."""

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
    help="Apply an environment on this machine, without an account or a network.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def up(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Apply every stack in the sandbox, prove that a second plan is empty, show the hand-overs.

    The states stay in .sandbox/ENV until `iot-dr sandbox down`. Exit 1 when an apply fails or
    the second plan is not empty.

    Example: iot-dr sandbox up --env dev
    """
    from iot_dr.cli.sandbox_run import SandboxOptions, run_up  # noqa: PLC0415 - help is quick

    options = SandboxOptions(
        environment=env, provider=provider, jobs=jobs, timeout=timeout, as_json=as_json
    )
    raise typer.Exit(run_up(options))


@app.command()
def down(env: EnvironmentOption = "dev") -> None:
    """Remove the sandbox of an environment, its states included.

    Example: iot-dr sandbox down --env dev
    """
    from iot_dr.cli.sandbox_run import run_down  # noqa: PLC0415 - as above

    run_down(env)


@app.command()
def show(env: EnvironmentOption = "dev") -> None:
    """Show the states that the sandbox holds and the locks on them.

    Example: iot-dr sandbox show --env dev
    """
    from iot_dr.cli.sandbox_run import run_show  # noqa: PLC0415 - as above

    run_show(env)


@app.command()
def unlock(
    stack: Annotated[str, typer.Argument(help="Name of the stack, such as iot-dev-state.")],
    env: EnvironmentOption = "dev",
) -> None:
    """Release the lock on a stack's state that a killed run left behind.

    Example: iot-dr sandbox unlock iot-dev-hosted-zone --env dev
    """
    from iot_dr.cli.sandbox_run import run_unlock  # noqa: PLC0415 - as above

    raise typer.Exit(run_unlock(env, stack))
