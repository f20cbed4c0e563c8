"""The fence: an object next to a promoted copy that names the owner of the global states."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.strict_json import converted, parsed
from stacks.state_location import StateLocation


class FenceError(UserError):
    """A fence cannot be read, so the states must not be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """The bucket that owns the states `keys`, since when, and the bucket that owned them before."""

    owner_region: str
    owner_bucket: str
    former_bucket: str
    since: str
    keys: tuple[str, ...]

    @classmethod
    def read(cls, content: bytes, location: StateLocation) -> "Fence":
        """Parse a fence; raises FenceError, with its location, if it is damaged."""
        try:
            fence = converted(parsed(content), cls, "the fence")
            datetime.fromisoformat(fence.since)
            # Refusals of runs and promotions quote them.
            if not f"{fence.owner_region}{fence.owner_bucket}{fence.former_bucket}".isprintable():
                raise ValueError("names of regions and buckets must be printable")
        except ValueError as error:
            message = (
                f"{location.url}: is not a readable fence: {error}; restore its earlier version"
            )
            raise FenceError(message) from error
        return fence

    def content(self) -> bytes:
        """Return the stored form."""
        return json.dumps(asdict(self), indent=2).encode()


def fence_location(state: StateLocation) -> StateLocation:
    """Return the location of the fence next to a state: one for all states of an environment."""
    folder, _, _ = state.key.rpartition("/")
    return replace(state, key=f"{folder}/promoted.json")
