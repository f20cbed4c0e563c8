"""`iot-dr pipeline verify`: whether the next wave may begin."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import PlansDigestOption, ProviderOption


def verify(  # noqa: PLR0913, PLR0917 - each is an option of the command
    wave: Annotated[int, typer.Option(help="The wave before.", min=0, metavar="N")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            help="Its plans, which were applied unless they change nothing.",
            metavar="DIR",
            parser=given_path,
        ),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Their review, as JSON.", metavar="FILE", parser=given_path),
    ] = None,
    plans_sha256: PlansDigestOption = None,
) -> None:
    """Watch a wave's alarms, before the next wave begins; exit 1 when it must not.

    After a region this is the alarm of its canary, after the entry point those of all regions. They
    must be quiet for `pipeline.bake` minutes of the settings in a row, 10 without a pipeline. One
    that is on at the beginning has as many minutes to become quiet. With the stand-in there are no
    alarms to ask.

    With --plans and --review, and where these change nothing, the states must still be those that
    were planned on: what somebody else has changed meanwhile is not taken for rolled out.

    Example: iot-dr pipeline verify --env dev --wave 3
    """
    from iot_dr.cli.pipeline_verify_run import VerifyOptions, run  # noqa: PLC0415 - as for all

    run(
        VerifyOptions(
            environment=env,
            provider=provider,
            wave=wave,
            plans=plans,
            review=review,
            plans_sha256=plans_sha256,
        )
    )
