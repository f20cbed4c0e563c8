"""`iot-dr acceptance`: an environment deployed, failed over and removed in a real account."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption


def acceptance(
    env: EnvironmentOption = "dev",
    provider: Annotated[
        str | None,
        typer.Option(help="aws, and no other; PROVIDER names it too.", metavar="NAME"),
    ] = None,
    confirm: Annotated[
        str | None,
        typer.Option(help="The environment's name, given ahead of the question.", metavar="NAME"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Deploy to an account, verify the failover there, and remove what may be removed.

    Some two and a half hours, unattended: a plan an hour after the deploy, a message through the
    device name, a switch that holds without data, a canary that fails. Asks first, and shows what
    it will do and may cost. Stopped, it goes on with the same command. The transcript, JSON and
    HTML, is in .acceptance/ENV. Exit 0 when all of it passed, 1 when a step failed, 2 for a
    mistake, 130 for Ctrl-C.

    Example: iot-dr acceptance --env dev --provider aws
    """
    from iot_dr.cli.acceptance_run import AcceptanceOptions, run  # noqa: PLC0415 - help is quick

    options = AcceptanceOptions(env, provider, confirm, as_json)
    raise typer.Exit(run(options))
