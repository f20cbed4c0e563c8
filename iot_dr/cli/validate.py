"""`iot-dr validate`: whether Terraform would take every stack."""

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JOBS, TIMEOUT, JobsOption, JsonOption, TimeoutOption


def validate(
    env: EnvironmentOption = "all",
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Validate every stack against the schema of the pinned AWS provider; no account is needed.

    Example: iot-dr validate --env all
    """
    from iot_dr.cli.validate_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, jobs, timeout, as_json=as_json))
