"""The plans that `iot-dr review` makes itself."""

from iot_dr.cli.progress import Progress
from iot_dr.delivery.planning import Listeners, PlanRequest, planned
from stacks.platform_graph import platform_graph


def make_plans(request: PlanRequest) -> None:
    """Plan and keep what is asked for.

    What failed is not told here: Terraform's words may hold what only the review can hide.
    """
    progress = Progress(platform_graph(request.settings).nodes)
    listeners = Listeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned(request, listeners):
        pass
