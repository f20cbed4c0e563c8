"""The stacks of an IoT platform: which there are, and what each waits for."""

from environments.settings import Settings
from stacks.graph import Role, StackGraph, StackNode, What


def stack_name(environment: str, what: What, region: str | None = None) -> str:
    """`iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))


def platform_graph(settings: Settings) -> StackGraph:
    """Give the stacks of one environment for its two to five regions, and those that are leaving.

    Neither a stack's name nor its region depends on which region is primary. What leaves goes
    last, once nothing of the entry point leads to it or asks it (ADR 0017). With a copy for the
    zone's hand-over a region waits for no global stack: home, where these are, may be gone.
    """
    state = stack_name(settings.environment, "state")
    zone = stack_name(settings.environment, "hosted-zone")
    entry_point = stack_name(settings.environment, "entry-point")
    regional = [stack_name(settings.environment, "iot", region) for region in settings.regions]
    before = () if settings.handover_region not in {None, settings.home_region} else (zone,)
    return StackGraph(
        [
            _global(settings, "state"),
            _global(settings, "hosted-zone", state),
            *(
                _regional(settings, region, settings.role(region), *before)
                for region in settings.regions
            ),
            _global(settings, "entry-point", zone, *regional),
            *(_regional(settings, region, "leaving", entry_point) for region in settings.leaving),
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


def _regional(settings: Settings, region: str, role: Role, *depends_on: str) -> StackNode:
    return StackNode(
        name=stack_name(settings.environment, "iot", region),
        what="iot",
        region=region,
        role=role,
        depends_on=depends_on,
    )
