"""`iot-dr pipeline workflow`: the waves of an environment as a GitHub workflow."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption


def workflow(
    env: EnvironmentOption = "all",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 3 when a file is stale.")
    ] = False,
) -> None:
    """Write .github/workflows/rollout-ENV.yml: a job a wave, each after the one before.

    Only the files of environments/ count, and no variable that overrides them.

    Exit 3 with --check when a file is missing or is not as it would be written.

    Example: iot-dr pipeline workflow --env all --check
    """
    from iot_dr.cli.pipeline_workflow_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, is_check=check))
