"""Where the state of a stack lives."""

from dataclasses import dataclass

from environments.settings import Settings
from stacks.graph import StackNode


@dataclass(frozen=True, kw_only=True)
class StateLocation:
    """Bucket, key and region of a state, none of which depends on which region is primary."""

    bucket: str
    key: str
    region: str


def state_location(settings: Settings, node: StackNode) -> StateLocation:
    """Give the location of a stack's state: the bucket of the stack's own region."""
    return StateLocation(
        bucket=settings.state_bucket(node.region),
        key=f"{settings.environment}/{node.name}.tfstate",
        region=node.region,
    )
