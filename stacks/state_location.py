"""The locations of stacks' states, and of the copies of global stacks' states."""

from dataclasses import dataclass, replace
from typing import Final

from environments.settings import Settings
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph

LEAVING_OUTPUT: Final = "leaving_regions"
"""The output of the state's stack with the regions that leave, while the settings have some."""

CUT_OVER_OUTPUT: Final = "device_name_records"
"""The output of the entry point's stack with the failover records of the device name, as JSON.

Only a platform that is adopted has it, until its cut-over.
"""

ABANDONED_FILE: Final = "abandoned.json"
"""The record of abandoned regions, next to the states of global stacks."""


@dataclass(frozen=True, kw_only=True)
class StateLocation:
    """Bucket, key and region of a state, which do not depend on which region is primary."""

    bucket: str
    key: str
    region: str

    @property
    def url(self) -> str:
        """The location for messages, without the region."""
        return f"s3://{self.bucket}/{self.key}"


def state_file(stack: str) -> str:
    """Return the name of a stack's state in its environment's folder of a state bucket."""
    return f"{stack}.tfstate"


def state_location(settings: Settings, node: StackNode) -> StateLocation:
    """Return the location of a stack's state, which is in the stack's own region."""
    return StateLocation(
        bucket=settings.state_bucket(node.region),
        key=f"{settings.environment}/{state_file(node.name)}",
        region=node.region,
    )


def copied_stacks(settings: Settings) -> tuple[StackNode, ...]:
    """Return the stacks whose states are copied: the global ones, including the state backend's.

    A regional stack's state is of no use without its region.
    """
    return tuple(node for node in platform_graph(settings).nodes if node.role is None)


def copy_regions(settings: Settings) -> tuple[str, ...]:
    """Return the regions with copies, in the settings' order, so that a new region comes last."""
    return tuple(region for region in settings.regions if region != settings.home_region)


def copy_location(settings: Settings, node: StackNode, region: str) -> StateLocation:
    """Return the location of a copy in a region: the same key in that region's state bucket.

    The key contains the stack's name, so it cannot be the key of another stack's state.
    """
    original = state_location(settings, node)
    return replace(original, bucket=settings.state_bucket(region), region=region)


def global_locations(settings: Settings, node: StackNode) -> tuple[StateLocation, ...]:
    """Return the location of a global stack's state, then those of its copies."""
    copies = (copy_location(settings, node, region) for region in copy_regions(settings))
    return (state_location(settings, node), *copies)


def handover_location(settings: Settings, node: StackNode) -> StateLocation:
    """Return the location where other stacks read a stack's outputs.

    It is the original, unless `handover_region` names a region with a copy; the home region's own
    name selects the originals.
    """
    region = settings.handover_region
    if region is None or node.role is not None:
        return state_location(settings, node)
    return copy_location(settings, node, region)
