"""`iot-dr pipeline workflow`: the waves of an environment as a GitHub workflow."""

from typing import Annotated

import typer

from environments.project import project_root
from environments.selection import load_all
from iot_dr.cli.options import EnvironmentOption
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.delivery.rollout_workflow import FOLDER, RolloutWorkflow


def workflow(
    env: EnvironmentOption = "all",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 3 when a file is stale.")
    ] = False,
) -> None:
    """Write .github/workflows/rollout-ENV.yml, with a job for each wave.

    It depends only on the files in environments/; variables that override them are ignored.

    With --check, exit 3 if a file is missing or stale.

    Example: iot-dr pipeline workflow --env all --check
    """
    status, folder = 0, project_root() / FOLDER
    for settings in load_all(env, {}):
        wanted = RolloutWorkflow.of(settings)
        name = f"{FOLDER}/{wanted.name}"
        if wanted.is_current(folder):
            echo(f"{name}: current")
        elif check:
            command = f"iot-dr pipeline workflow --env {settings.environment}"
            is_there = (folder / wanted.name).exists()
            problem = "stale" if is_there else "missing"
            echo(f"{name}: {problem}; run {command}", err=True)
            status = ExitStatus.NOT_GOOD
        else:
            wanted.write(folder)
            echo(f"{name}: written")
    raise typer.Exit(status)
