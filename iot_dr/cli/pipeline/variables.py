"""`iot-dr pipeline variables`: variables of a pipeline's plan action."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.options import given_path
from iot_dr.delivery.pipeline.variables import WaveVariables


def variables(
    file: Annotated[
        Path,
        typer.Argument(parser=given_path, help="A review of a wave, as JSON.", metavar="FILE"),
    ],
    plans: Annotated[
        Path,
        typer.Option(parser=given_path, help="The plans that the review covers.", metavar="DIR"),
    ],
) -> None:
    """Print a pipeline's variables from plans and their review, as NAME=value.

    HAS_CHANGES: true or false, true also for a stack that was left partially applied. PASSED_BY:
    true if a partially applied region of a later wave must be completed first and nothing of this
    wave is applied. VERDICT. REASON: one line. PLANS_SHA256: the digest of plans and review that
    `iot-dr apply` checks. Exit 1 if a stack has no complete plan.

    Example: iot-dr pipeline variables review/review.json --plans plans
    """
    typer.echo("\n".join(WaveVariables.read(file, plans).lines()))
