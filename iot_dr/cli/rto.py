"""`iot-dr rto`: how soon devices are back after the loss of a region, by the settings."""

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption


def rto(env: EnvironmentOption = "dev", as_json: JsonOption = False) -> None:
    """Predict the recovery time from the settings, term by term, and what would shorten it.

    Below it the recovery point: what a lost region alone knows of devices, and for how long.
    Times are in seconds, from the outage; nothing outside this machine is asked.
    --env all reports every environment.

    Exit 0 when 99 % of the devices are back within recovery.rto, 3 when not.

    Example: iot-dr rto --env dev
    """
    from iot_dr.cli.rto_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, as_json=as_json))
