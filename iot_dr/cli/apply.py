"""`iot-dr apply`: plans that were kept and reviewed, carried out as they are."""

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
    PlansDigestOption,
    ProviderOption,
    TimeoutOption,
)


def apply(  # noqa: PLR0913, PLR0917 - each is an option of the command
    plans: Annotated[
        Path,
        typer.Option(help="The folder of `iot-dr plan --out`.", metavar="DIR", parser=given_path),
    ],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    wave: Annotated[
        int | None,
        typer.Option(help="Apply this wave's plans alone.", min=0, metavar="N"),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(
            help="The review that was read, as JSON: plans that change anything else are refused.",
            metavar="FILE",
            parser=given_path,
        ),
    ] = None,
    plans_sha256: PlansDigestOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before real changes.")] = False,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Apply kept plans, by their hashes, in the order in which the stacks go.

    Refused are plans that are not the files that were made, or that the code here would not make,
    and by Terraform those whose state has moved on. After a failure nothing more begins. Plans of
    the stand-in can be applied only in the sandbox that is kept, so only those of `plan --wave`.
    Exit 1 when a stack failed or still waits.

    Plan files hold sensitive values in clear: keep them where nobody else can read them.

    Example: iot-dr apply --env dev --plans plans --wave 2 --review review.json
    """
    from iot_dr.cli.apply_run import ApplyOptions, run  # noqa: PLC0415 - help must not wait for it

    status = run(
        ApplyOptions(
            environment=env,
            provider=provider,
            plans=plans,
            wave=wave,
            review=review,
            plans_sha256=plans_sha256,
            yes=yes,
            jobs=jobs,
            timeout=timeout,
            as_json=as_json,
        )
    )
    raise typer.Exit(status)
