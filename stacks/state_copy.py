"""Where the copies of states are: those of the global stacks, in every region but home."""

from dataclasses import replace

from environments.settings import Settings
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location


def copied_stacks(settings: Settings) -> tuple[StackNode, ...]:
    """Give the stacks whose states are copied: the global ones, this environment's state's too.

    A regional stack's state is of no use without its region.
    """
    return tuple(node for node in platform_graph(settings).nodes if node.role is None)


def copy_regions(settings: Settings) -> tuple[str, ...]:
    """Give the regions that hold copies, in the file's order, so that a new one comes last."""
    return tuple(region for region in settings.regions if region != settings.home_region)


def copy_location(settings: Settings, node: StackNode, region: str) -> StateLocation:
    """Give the location of a copy: the same key in that region's bucket, where it is free.

    A key holds the name of its stack, and only one stack of an environment has it.
    """
    original = state_location(settings, node)
    return replace(original, bucket=settings.state_bucket(region), region=region)


def handover_location(settings: Settings, node: StackNode) -> StateLocation:
    """Give the location where others read a stack's hand-over.

    The original, unless `handover_region` names a region with a copy; home's own name names the
    originals, and so changes nothing.
    """
    region = settings.handover_region
    if region is None or node.role is not None:
        return state_location(settings, node)
    return copy_location(settings, node, region)
