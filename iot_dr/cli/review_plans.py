"""The plans that `iot-dr review` makes itself."""

import typer

from iot_dr.cli.failure import failures
from iot_dr.cli.progress import Progress
from iot_dr.planning import Listeners, PlanRequest, planned
from stacks.platform_graph import platform_graph


def make_plans(request: PlanRequest) -> None:
    """Plan and keep what is asked for; what failed is told on stderr, as `iot-dr plan` does."""
    progress = Progress(platform_graph(request.settings).nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned(request, listeners) as (session, outcomes):
        told = list(failures(session, outcomes))
    for failure in told:
        typer.echo(f"\n{failure}", err=True)
