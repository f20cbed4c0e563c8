"""Where the lock file of a state is: beside it, with a suffix of Terraform's."""

from dataclasses import replace

from stacks.state_location import StateLocation


def lock_location(state: StateLocation) -> StateLocation:
    """Give the location of a state's lock file."""
    return replace(state, key=f"{state.key}.tflock")
