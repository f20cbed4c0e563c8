"""The stacks of an IoT platform: which there are, and what each waits for."""

from environments.settings import Settings
from stacks.graph import StackGraph, StackNode, What


def stack_name(environment: str, what: What, region: str | None = None) -> str:
    """`iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))


def platform_graph(settings: Settings) -> StackGraph:
    """Give the stacks of one environment for its two to five regions.

    Neither a stack's name nor its region depends on which region is primary.
    """
    state = stack_name(settings.environment, "state")
    zone = stack_name(settings.environment, "hosted-zone")
    regional = [stack_name(settings.environment, "iot", region) for region in settings.regions]
    return StackGraph(
        [
            _global(settings, "state"),
            _global(settings, "hosted-zone", state),
            *(_regional(settings, region, zone) for region in settings.regions),
            _global(settings, "entry-point", zone, *regional),
        ]
    )


def _global(settings: Settings, what: What, *depends_on: str) -> StackNode:
    return StackNode(
        name=stack_name(settings.environment, what),
        what=what,
        region=settings.home_region,
        role=None,
        depends_on=depends_on,
    )


def _regional(settings: Settings, region: str, zone: str) -> StackNode:
    return StackNode(
        name=stack_name(settings.environment, "iot", region),
        what="iot",
        region=region,
        role=settings.role(region),
        depends_on=(zone,),
    )
