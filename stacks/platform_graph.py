"""The stacks of an IoT platform: which there are, and what each waits for."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from environments.settings import Settings
from stacks.graph import StackGraph, StackNode, What

# What each region holds of the data of devices, where an environment has any (ADR 0021).
_OF_DATA: Final[tuple[What, ...]] = ("telemetry", "device-registry")


def stack_name(environment: str, what: What, region: str | None = None) -> str:
    """`iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))


def regional_kinds(settings: Settings) -> tuple[What, ...]:
    """Name the kinds of stacks that each region has, also one that is leaving."""
    return ("iot", *(_OF_DATA if settings.data else ()))


def regional_stacks(settings: Settings, region: str) -> tuple[str, ...]:
    """Name the stacks of a region; none of them waits for another."""
    kinds = regional_kinds(settings)
    return tuple(stack_name(settings.environment, what, region) for what in kinds)


def platform_graph(settings: Settings) -> StackGraph:
    """Give the stacks of one environment for its two to five regions, and those that are leaving.

    Neither a stack's name nor its region depends on which region is primary. Regions go one after
    another, each with all its stacks, the one that serves last, and the entry point after them
    (ADR 0020). What leaves goes once nothing of the entry point leads to it or asks it (ADR 0017).
    With a copy for the hand-overs of the global stacks a region waits for none of these, and goes
    before them: home, where they are, may be gone. The pipeline that is active goes first, and its
    standing copy last.
    """
    environment = settings.environment
    state, zone, entry_point = (
        stack_name(environment, what) for what in ("state", "hosted-zone", "entry-point")
    )
    leaving = list(_leaving(settings, entry_point))
    serving = list(_serving(settings))
    # It reads what serves devices, and only goes after the rest.
    served = [node.name for node in serving if node.what == "iot"]
    beside = tuple(node.name for node in serving if node.what != "iot")
    return StackGraph(
        [
            *_pipelines(settings, entry_point, *(each.name for each in leaving)),
            _global(settings, "state", goes_after=_before_state(settings)),
            _global(settings, "hosted-zone", state),
            *([_global(settings, "data", state)] if settings.data else ()),
            *serving,
            _global(settings, "entry-point", zone, *served, goes_after=beside),
            *leaving,
        ]
    )


def _order(settings: Settings) -> tuple[str, ...]:
    # The last to take over first, so that each region is tried before one that devices need more.
    return tuple(reversed(settings.failover_order))


def _is_home_read(settings: Settings) -> bool:
    return settings.handover_region in {None, settings.home_region}


def _before_state(settings: Settings) -> tuple[str, ...]:
    if _is_home_read(settings):
        return _first(settings)
    return regional_stacks(settings, _order(settings)[-1])


def _first(settings: Settings) -> tuple[str, ...]:
    pipeline = settings.pipeline
    return (
        (stack_name(settings.environment, "pipeline", pipeline.active_region),) if pipeline else ()
    )


def _serving(settings: Settings) -> Iterator[StackNode]:
    before = {
        region: regional_stacks(settings, earlier) for earlier, region in pairwise(_order(settings))
    }
    is_home_read = _is_home_read(settings)
    for region in settings.regions:
        goes_after = before.get(region, () if is_home_read else _first(settings))
        for what in regional_kinds(settings):
            upstream = stack_name(settings.environment, "hosted-zone" if what == "iot" else "data")
            yield StackNode(
                name=stack_name(settings.environment, what, region),
                what=what,
                region=region,
                role=settings.role(region),
                depends_on=(upstream,) if is_home_read else (),
                goes_after=goes_after,
            )


def _leaving(settings: Settings, entry_point: str) -> Iterator[StackNode]:
    goes_after: tuple[str, ...] = ()
    for region in settings.leaving_regions:
        for what in regional_kinds(settings):
            yield StackNode(
                name=stack_name(settings.environment, what, region),
                what=what,
                region=region,
                role="leaving",
                depends_on=(entry_point,),
                goes_after=goes_after,
            )
        goes_after = regional_stacks(settings, region)


def _pipelines(settings: Settings, *last: str) -> list[StackNode]:
    pipeline = settings.pipeline
    if pipeline is None:
        return []
    return [
        StackNode(
            name=stack_name(settings.environment, "pipeline", region),
            what="pipeline",
            region=region,
            role="active" if region == pipeline.active_region else "standing",
            depends_on=(),
            goes_after=() if region == pipeline.active_region else last,
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
