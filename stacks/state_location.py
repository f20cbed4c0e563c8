"""Where the state of a stack is, and the copies of those of the global stacks."""

from dataclasses import dataclass, replace

from environments.settings import Settings
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph


@dataclass(frozen=True, kw_only=True)
class StateLocation:
    """Bucket, key and region of a state, none of which depends on which region is primary."""

    bucket: str
    key: str
    region: str


def state_location(settings: Settings, node: StackNode) -> StateLocation:
    """Return the location of a stack's state: the bucket of the stack's own region."""
    return StateLocation(
        bucket=settings.state_bucket(node.region),
        key=f"{settings.environment}/{node.name}.tfstate",
        region=node.region,
    )


def copied_stacks(settings: Settings) -> tuple[StackNode, ...]:
    """Return the stacks whose states are copied: the global ones, this environment's state's too.

    A regional stack's state is of no use without its region.
    """
    return tuple(node for node in platform_graph(settings).nodes if node.role is None)


def copy_regions(settings: Settings) -> tuple[str, ...]:
    """Return the regions that hold copies, in the file's order, so that a new one comes last."""
    return tuple(region for region in settings.regions if region != settings.home_region)


def copy_location(settings: Settings, node: StackNode, region: str) -> StateLocation:
    """Return the location of a copy: the same key in that region's bucket, where it is free.

    A key holds the name of its stack, and only one stack of an environment has it.
    """
    original = state_location(settings, node)
    return replace(original, bucket=settings.state_bucket(region), region=region)


def handover_location(settings: Settings, node: StackNode) -> StateLocation:
    """Return the location where others read a stack's hand-over.

    The original, unless `handover_region` names a region with a copy; home's own name names the
    originals, and so changes nothing.
    """
    region = settings.handover_region
    if region is None or node.role is not None:
        return state_location(settings, node)
    return copy_location(settings, node, region)
