"""The stacks of an IoT platform: which there are, and what each waits for."""

from itertools import pairwise

from environments.settings import Settings
from stacks.graph import Role, StackGraph, StackNode, What


def stack_name(environment: str, what: What, region: str | None = None) -> str:
    """`iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))


def platform_graph(settings: Settings) -> StackGraph:
    """Give the stacks of one environment for its two to five regions, and those that are leaving.

    Neither a stack's name nor its region depends on which region is primary. Regions go one after
    another, the one that serves last, and the entry point after them (ADR 0020). What leaves goes
    once nothing of the entry point leads to it or asks it (ADR 0017). With a copy for the zone's
    hand-over a region waits for no global stack, and goes before them: home, where these are, may
    be gone. The pipeline that is active goes first, and its standing copy last.
    """
    environment, pipeline = settings.environment, settings.pipeline
    state = stack_name(environment, "state")
    zone = stack_name(environment, "hosted-zone")
    entry_point = stack_name(environment, "entry-point")
    # The last to take over first, so that each region is tried before one that devices need more.
    order = tuple(reversed(settings.failover_order))
    regional = {region: stack_name(environment, "iot", region) for region in settings.regions}
    leaving = _leaving(settings, entry_point)
    is_home_read = settings.handover_region in {None, settings.home_region}
    first = (stack_name(environment, "pipeline", pipeline.active),) if pipeline else ()
    before = {region: (regional[earlier],) for earlier, region in pairwise(order)}
    return StackGraph(
        [
            *_pipelines(settings, entry_point, *(each.name for each in leaving)),
            _global(
                settings, "state", goes_after=first if is_home_read else (regional[order[-1]],)
            ),
            _global(settings, "hosted-zone", state),
            *(
                _regional(
                    settings,
                    region,
                    settings.role(region),
                    (zone,) if is_home_read else (),
                    before.get(region, () if is_home_read else first),
                )
                for region in settings.regions
            ),
            _global(settings, "entry-point", zone, *regional.values()),
            *leaving,
        ]
    )


def _leaving(settings: Settings, entry_point: str) -> list[StackNode]:
    nodes: list[StackNode] = []
    for region in settings.leaving:
        after = tuple(node.name for node in nodes[-1:])
        nodes.append(_regional(settings, region, "leaving", (entry_point,), after))
    return nodes


def _pipelines(settings: Settings, *last: str) -> list[StackNode]:
    pipeline = settings.pipeline
    if pipeline is None:
        return []
    return [
        StackNode(
            name=stack_name(settings.environment, "pipeline", region),
            what="pipeline",
            region=region,
            role="active" if region == pipeline.active else "standing",
            depends_on=(),
            goes_after=() if region == pipeline.active else last,
        )
        for region in settings.regions
        if region in pipeline.connections
    ]


def _global(
    settings: Settings, what: What, *depends_on: str, goes_after: tuple[str, ...] = ()
) -> StackNode:
    return StackNode(
        name=stack_name(settings.environment, what),
        what=what,
        region=settings.home_region,
        role=None,
        depends_on=depends_on,
        goes_after=goes_after,
    )


def _regional(
    settings: Settings,
    region: str,
    role: Role,
    depends_on: tuple[str, ...],
    goes_after: tuple[str, ...] = (),
) -> StackNode:
    return StackNode(
        name=stack_name(settings.environment, "iot", region),
        what="iot",
        region=region,
        role=role,
        depends_on=depends_on,
        goes_after=goes_after,
    )
