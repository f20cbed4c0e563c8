"""`iot-dr pipeline variables`: what plans and their review hand on to a pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.options import given_path
from iot_dr.delivery.pipeline.variables import Variables


def variables(
    file: Annotated[
        Path,
        typer.Argument(parser=given_path, help="A review of a wave, as JSON.", metavar="FILE"),
    ],
    plans: Annotated[
        Path,
        typer.Option(parser=given_path, help="The plans that it is of.", metavar="DIR"),
    ],
) -> None:
    """Print a pipeline's variables from plans and their review, as NAME=value.

    HAS_CHANGES, true or false, also true for a stack that was left half-changed; PASSED_BY, true
    where a half-changed region of a later wave goes first, and nothing of this one is applied;
    VERDICT; REASON on one line; and PLANS_SHA256, by which `iot-dr apply` knows both again. Exit 1
    when a stack has no whole plan.

    Example: iot-dr pipeline variables review/review.json --plans plans
    """
    typer.echo("\n".join(Variables.read(file, plans).lines()))
