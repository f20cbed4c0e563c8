"""`iot-dr plan`: what an environment would change, stack by stack."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import (
    JOBS,
    TIMEOUT,
    JobsOption,
    JsonOption,
    ProviderOption,
    TimeoutOption,
)


def plan(  # noqa: PLR0913, PLR0917 - each is an option of the command
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    base: Annotated[
        str | None,
        typer.Option(help="Show the changes since this commit (stand-in only).", metavar="REF"),
    ] = None,
    wave: Annotated[
        int | None,
        typer.Option(
            help="Plan this wave alone, on what stands, and apply nothing: for `iot-dr apply`.",
            min=0,
            metavar="N",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Keep plan files and their JSON here; sensitive values are in clear in them.",
            parser=given_path,
            metavar="DIR",
        ),
    ] = None,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when something would change.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Plan every stack of an environment, in the order in which they go.

    With the stand-in provider, stacks whose outputs others read are also applied, in a throwaway
    sandbox, so that each plan has the values that were really handed over. With --wave it plans on
    the sandbox that `iot-dr sandbox` and `iot-dr deploy` keep, and applies nothing.

    Example: iot-dr plan --env dev --out plans
    """
    from iot_dr.cli.plan_run import PlanOptions, run  # noqa: PLC0415 - help must not wait for it

    status = run(
        PlanOptions(
            environment=env,
            provider=provider,
            base=base,
            wave=wave,
            keep=out,
            jobs=jobs,
            timeout=timeout,
            detailed_exitcode=detailed_exitcode,
            as_json=as_json,
        )
    )
    raise typer.Exit(status)
