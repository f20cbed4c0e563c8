"""The stacks of an IoT platform and their dependencies."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from environments.settings import LookedUpZone, Settings
from stacks.graph import StackGraph, StackNode, What

# The regional stacks of device data, for environments with a data block (ADR 0021).
_DEVICE_DATA: Final[tuple[What, ...]] = ("telemetry", "device-registry")


def stack_name(environment: str, what: What, region: str | None = None) -> str:
    """Return `iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))


def regional_kinds(settings: Settings) -> tuple[What, ...]:
    """Return the kinds of stacks that each region has, leaving regions included."""
    return ("iot", *(_DEVICE_DATA if settings.data else ()))


def regional_stacks(settings: Settings, region: str) -> tuple[str, ...]:
    """Return the names of a region's stacks, which do not depend on each other."""
    kinds = regional_kinds(settings)
    return tuple(stack_name(settings.environment, what, region) for what in kinds)


def platform_graph(settings: Settings) -> StackGraph:
    """Return the graph of an environment's stacks, leaving regions included.

    Names and regions of stacks do not depend on which region is primary. Regions are rolled out one
    after another, the primary last, then the entry point (ADR 0020), then leaving regions, to which
    it no longer leads (ADR 0017). With a `handover_region` the home region may be down, so regional
    stacks come before the global ones and do not depend on them. The active pipeline comes first,
    the standing one last.
    """
    environment = settings.environment
    state, entry_point = (stack_name(environment, what) for what in ("state", "entry-point"))
    leaving = list(_leaving(settings, entry_point))
    serving = list(_serving(settings))
    # The entry point reads outputs of the iot stacks only.
    read_by_entry_point = [node.name for node in serving if node.what == "iot"]
    not_read = tuple(node.name for node in serving if node.what != "iot")
    return StackGraph(
        [
            *_pipelines(settings, entry_point, *(node.name for node in leaving)),
            _global(settings, "state", goes_after=_before_state(settings)),
            *([_global(settings, "hosted-zone", state)] if _has_zone_stack(settings) else ()),
            *([_global(settings, "data", state)] if settings.data else ()),
            *serving,
            _global(
                settings,
                "entry-point",
                _before_names(settings),
                *read_by_entry_point,
                goes_after=not_read,
            ),
            *leaving,
        ]
    )


def _order(settings: Settings) -> tuple[str, ...]:
    # The last standby first: a change is tried on the regions that devices need least.
    return tuple(reversed(settings.failover_order))


def _has_zone_stack(settings: Settings) -> bool:
    return not isinstance(settings.zone, LookedUpZone)


def _before_names(settings: Settings) -> str:
    """Return the stack that must be applied before others can create names in the zone."""
    return stack_name(settings.environment, "hosted-zone" if _has_zone_stack(settings) else "state")


def _reads_home(settings: Settings) -> bool:
    return settings.handover_region in {None, settings.home_region}


def _before_state(settings: Settings) -> tuple[str, ...]:
    if _reads_home(settings):
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
    reads_home, data = _reads_home(settings), stack_name(settings.environment, "data")
    for region in settings.regions:
        goes_after = before.get(region, () if reads_home else _first(settings))
        for what in regional_kinds(settings):
            upstream = _before_names(settings) if what == "iot" else data
            yield StackNode(
                name=stack_name(settings.environment, what, region),
                what=what,
                region=region,
                role=settings.role(region),
                depends_on=(upstream,) if reads_home else (),
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
