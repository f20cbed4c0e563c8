"""The stacks of an IoT platform and their dependencies."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from environments.settings import LookedUpZone, Settings
from modules.stack_names import stack_name
from stacks.graph import StackGraph, StackNode
from stacks.own_stacks import DEVICE_DATA, REGIONAL, OwnStack, own_stacks


def regional_kinds(settings: Settings) -> tuple[str, ...]:
    """Return the kinds of stacks that each region has, leaving regions included."""
    own = (stack.kind for stack in own_stacks(settings) if stack.is_regional)
    return ("iot", *(DEVICE_DATA if settings.data else ()), *own)


def regional_stacks(settings: Settings, region: str) -> tuple[str, ...]:
    """Return the names of a region's stacks."""
    kinds = regional_kinds(settings)
    return tuple(stack_name(settings.environment, what, region) for what in kinds)


def platform_graph(settings: Settings) -> StackGraph:
    """Return the graph of an environment's stacks, leaving regions included.

    Names and regions of stacks do not depend on which region is primary. Regions are rolled out one
    after another, the primary last, then the entry point (ADR 0020), then leaving regions, to which
    it no longer leads (ADR 0017). The project's own stacks of a region come with it; its own global
    stacks come before all regions, or after the entry point if they read regions. With a
    `handover_region` the home region may be down, so regional stacks come before the global ones
    and do not depend on them. The active pipeline comes first, the standing one last.
    """
    environment = settings.environment
    state, entry_point = (stack_name(environment, what) for what in ("state", "entry-point"))
    early = [stack for stack in _own_global(settings) if not stack.is_late]
    late = [
        _own_node(settings, stack, goes_after=entry_point)
        for stack in _own_global(settings)
        if stack.is_late
    ]
    leaving = list(_leaving(settings, entry_point, *(node.name for node in late)))
    serving = list(_serving(settings))
    # The entry point reads outputs of the iot stacks only.
    read_by_entry_point = [node.name for node in serving if node.what == "iot"]
    not_read = tuple(node.name for node in serving if node.what != "iot")
    return StackGraph(
        [
            *_pipelines(settings, entry_point, *(node.name for node in (*late, *leaving))),
            _global(settings, "state", goes_after=_before_state(settings)),
            *([_global(settings, "hosted-zone", state)] if _has_zone_stack(settings) else ()),
            *([_global(settings, "data", state)] if settings.data else ()),
            *(_own_node(settings, stack, goes_after=state) for stack in early),
            *serving,
            _global(
                settings,
                "entry-point",
                _before_names(settings),
                *read_by_entry_point,
                goes_after=not_read,
            ),
            *late,
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
    first = _before_regions(settings) if _reads_home(settings) else _first(settings)
    own = {stack.kind: stack for stack in own_stacks(settings)}
    for region in settings.regions:
        for what in regional_kinds(settings):
            depends_on = tuple(_read_in_region(settings, what, region))
            goes_after = before.get(region, first)
            if what in own and region not in before and _reads_home(settings):
                goes_after = (_before_names(settings), *first)
            yield StackNode(
                name=stack_name(settings.environment, what, region),
                what=what,
                region=region,
                role=settings.role(region),
                depends_on=depends_on,
                goes_after=tuple(name for name in goes_after if name not in depends_on),
                is_own=what in own,
            )


def _before_regions(settings: Settings) -> tuple[str, ...]:
    """Return the global stacks that all regions come after, so that no wave mixes scopes."""
    # Otherwise the zone's stack comes after the state, as the data's does.
    data = ("data",) if settings.data and not _has_zone_stack(settings) else ()
    own = (stack.kind for stack in _own_global(settings) if not stack.is_late)
    return tuple(stack_name(settings.environment, kind) for kind in (*data, *own))


def _read_in_region(settings: Settings, what: str, region: str) -> Iterator[str]:
    """Yield the stacks that a regional stack reads; global ones only while home is not down."""
    own = {stack.kind: stack for stack in own_stacks(settings)}
    platform = ("hosted-zone",) if what == "iot" else ("data",)
    for kind in own[what].depends_on if what in own else platform:
        is_regional = kind in REGIONAL or (kind in own and own[kind].is_regional)
        if is_regional:
            yield stack_name(settings.environment, kind, region)
        elif _reads_home(settings):
            yield _global_name(settings, kind)


def _global_name(settings: Settings, kind: str) -> str:
    return (
        _before_names(settings) if kind == "hosted-zone" else stack_name(settings.environment, kind)
    )


def _own_global(settings: Settings) -> list[OwnStack]:
    return [stack for stack in own_stacks(settings) if not stack.is_regional]


def _own_node(settings: Settings, stack: OwnStack, *, goes_after: str) -> StackNode:
    own = {each.kind for each in own_stacks(settings) if each.is_regional}
    depends_on: list[str] = []
    for kind in stack.depends_on:
        if kind in REGIONAL | own:
            names = (stack_name(settings.environment, kind, each) for each in settings.regions)
            depends_on += names
        else:
            depends_on.append(_global_name(settings, kind))
    after = () if goes_after in depends_on else (goes_after,)
    return replace(_global(settings, stack.kind, *depends_on, goes_after=after), is_own=True)


def _readers(settings: Settings, what: str, region: str) -> Iterator[str]:
    """Yield the own stacks of a region that read another one, and are destroyed before it."""
    for stack in own_stacks(settings):
        if stack.is_regional and what in stack.depends_on:
            yield stack_name(settings.environment, stack.kind, region)


def _leaving(settings: Settings, entry_point: str, *late: str) -> Iterator[StackNode]:
    goes_after: tuple[str, ...] = late
    own = {stack.kind for stack in own_stacks(settings)}
    for region in settings.leaving_regions:
        for what in regional_kinds(settings):
            yield StackNode(
                name=stack_name(settings.environment, what, region),
                what=what,
                region=region,
                role="leaving",
                depends_on=(entry_point,),
                goes_after=(*goes_after, *_readers(settings, what, region)),
                is_own=what in own,
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
    settings: Settings, what: str, *depends_on: str, goes_after: tuple[str, ...] = ()
) -> StackNode:
    return StackNode(
        name=stack_name(settings.environment, what),
        what=what,
        region=settings.home_region,
        role=None,
        depends_on=depends_on,
        goes_after=goes_after,
    )
