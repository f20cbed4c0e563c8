"""`iot-dr pipeline guard`: whether a pipeline may continue with a commit."""

from typing import Annotated

import typer

from environments.loader import load
from environments.project import project_root
from iot_dr.cli.options import EnvironmentOption
from iot_dr.cli.text import echo
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.pipeline.guard import (
    ExpectedWave,
    refuse_inactive,
    refuse_other_wave,
    refuse_skipped_wave,
    refuse_undeclared,
)
from iot_dr.delivery.pipeline.promotion import refuse_unpromoted


def guard(
    region: Annotated[str, typer.Option(help="The region of this pipeline.", metavar="REGION")],
    env: EnvironmentOption = "dev",
    wave: Annotated[
        int | None,
        typer.Option(help="The wave to be planned or applied.", min=0, metavar="N"),
    ] = None,
    stacks: Annotated[
        str | None,
        typer.Option(
            help="The wave's stacks in the pipeline's definition, separated by spaces.",
            metavar="NAMES",
        ),
    ] = None,
    passed_by: Annotated[
        str | None,
        typer.Option(help="PASSED_BY of the regions' waves, separated by spaces.", metavar="..."),
    ] = None,
) -> None:
    """Check whether a pipeline may continue with this commit; exit 3 if not.

    The settings must name its region as the active one. Without --wave, the branch of the previous
    environment must contain the commit, which git checks at the remote `origin`, and the project's
    own stacks must declare the permissions that they need. With --wave, the wave must have these
    stacks: later actions use the checkout of the first one and cannot reach the repository.

    With --passed-by, none of the values may be true: the records that direct devices to the
    regions change only after all regions have changed.

    Example: iot-dr pipeline guard --env dev --region eu-west-1
    """
    if (wave is None) != (stacks is None):
        raise UsageError("--wave and --stacks: give both or neither")
    if stacks is not None and not stacks.split():
        raise UsageError("--stacks: must name one stack or more")
    if passed_by is not None and wave is None:
        raise UsageError("--passed-by: needs --wave and --stacks")
    if passed_by is not None and not passed_by.split():
        raise UsageError("--passed-by: must be PASSED_BY of each region's wave")
    settings = load(env)
    refuse_inactive(settings, region)
    if wave is None or stacks is None:
        refuse_undeclared(settings)
        refuse_unpromoted(settings, project_root())
        echo(f"{env}: the pipeline of {region} is active and may roll out this commit")
        return
    expected = ExpectedWave(number=wave, stacks=tuple(stacks.split()))
    refuse_other_wave(settings, expected)
    refuse_skipped_wave(settings, (passed_by or "").split())
    echo(f"{env}: wave {wave} is {', '.join(expected.stacks)}")
