"""`iot-dr pipeline`: what a pipeline's builds ask, and which pipeline is the active one."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli import pipeline_verify, pipeline_workflow
from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import JsonOption

app = typer.Typer(
    help="Guard the builds of a pipeline, choose which one is active, write waves as a workflow.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("verify")(pipeline_verify.verify)
app.command("workflow")(pipeline_workflow.workflow)


@app.command()
def guard(
    region: Annotated[str, typer.Option(help="The region of this pipeline.", metavar="REGION")],
    env: EnvironmentOption = "dev",
    wave: Annotated[
        int | None,
        typer.Option(help="The wave that is about to be planned or applied.", min=0, metavar="N"),
    ] = None,
    stacks: Annotated[
        str | None,
        typer.Option(
            help="The stacks of that wave by the pipeline's definition, with spaces between.",
            metavar="NAMES",
        ),
    ] = None,
    passed_by: Annotated[
        str | None,
        typer.Option(help="PASSED_BY of the waves of regions, with spaces between.", metavar="..."),
    ] = None,
) -> None:
    """Say whether a pipeline may go on with this commit; exit 3 when it must not.

    The settings must name its region as the active one. Without --wave the branch of the
    environment before must hold the commit, which git asks of the remote `origin`; with --wave the
    wave must have these stacks: a later action takes the checkout of the first one, and cannot
    reach the repository.

    With --passed-by, none of these may be true: what leads devices to the regions is not changed
    before all of them are.

    Example: iot-dr pipeline guard --env dev --region eu-west-1
    """
    from iot_dr.cli.pipeline_run import run_guard  # noqa: PLC0415 - help must not wait for it

    run_guard(env, region, wave, stacks, passed_by)


@app.command()
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
    """Print what plans and their review hand on to a pipeline, as lines NAME=value for a shell.

    HAS_CHANGES, true or false, also true for a stack that was left half-changed; PASSED_BY, true
    where a half-changed region of a later wave goes first, and nothing of this one is applied;
    VERDICT; REASON on one line; and PLANS_SHA256, by which `iot-dr apply` knows both again. Exit 1
    when a stack has no whole plan.

    Example: iot-dr pipeline variables review/review.json --plans plans
    """
    from iot_dr.cli.pipeline_run import run_variables  # noqa: PLC0415 - as above

    run_variables(file, plans)


@app.command()
def activate(
    region: Annotated[
        str, typer.Option(help="The region whose pipeline is to roll out.", metavar="REGION")
    ],
    env: EnvironmentOption = "dev",
    as_json: JsonOption = False,
) -> None:
    """Make the pipeline of a region the active one, in the environment's file.

    Nothing else changes, and nothing in AWS: it takes effect with the commit. From then on the
    other pipeline goes on with nothing.

    Example: iot-dr pipeline activate --env dev --region eu-central-1
    """
    from iot_dr.cli.pipeline_run import run_activate  # noqa: PLC0415 - as above

    run_activate(env, region, as_json=as_json)
