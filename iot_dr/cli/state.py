"""`iot-dr state`: the states of an environment, and what is done when their region is gone."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import TIMEOUT, JsonOption, ProviderOption, TimeoutOption

app = typer.Typer(
    help="Make the state buckets, look at states and copies, take back a lock, promote a copy.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def init(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    timeout: TimeoutOption = TIMEOUT,
    yes: _YesOption = False,
) -> None:
    """Make the state buckets with a local state, then move that state into its own bucket.

    Run it again after an interruption: it goes on from what it finds. With the stand-in
    provider it works on the sandbox of the environment and does not ask.

    Example: iot-dr state init --env dev --provider standin
    """
    from iot_dr.cli.state_run import run_init  # noqa: PLC0415 - help must not wait for it

    run_init(env, provider, timeout, yes=yes)


@app.command()
def status(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show lineage, serial and age of every state and copy, the copies' lag, and the locks.

    Example: iot-dr state status --env dev
    """
    from iot_dr.cli.state_run import run_status  # noqa: PLC0415 - as above

    run_status(env, provider, as_json=as_json)


@app.command()
def unlock(
    stack: Annotated[str, typer.Argument(help="Name of the stack, such as iot-dev-state.")],
    lock_id: Annotated[
        str | None,
        typer.Option("--id", help="Id of the lock, which an error and `status` tell."),
    ] = None,
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    yes: _YesOption = False,
) -> None:
    """Take back the lock on a stack's state that a killed run has left behind.

    Whoever still works on that state would no longer be kept from another: make sure that nobody
    does. With the stand-in provider it does not ask.

    Example: iot-dr state unlock iot-dev-state --id 6b1c --env dev
    """
    from iot_dr.cli.state_run import run_unlock  # noqa: PLC0415 - as above

    run_unlock(env, provider, stack, lock_id, yes=yes)


@app.command()
def promote(
    region: Annotated[str, typer.Option(help="Region whose copies become the owners.")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    yes: _YesOption = False,
) -> None:
    """Make the copies in a region the owners of the global states, when home is gone for good.

    Refused while home's bucket answers. Leaves a fence that keeps runs from home's states if it
    comes back, and clears the locks that were copied with the states.

    Example: iot-dr state promote --env dev --region eu-central-1
    """
    from iot_dr.cli.state_run import run_promote  # noqa: PLC0415 - as above

    run_promote(env, provider, region, yes=yes)
