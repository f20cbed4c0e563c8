"""The fence: an object beside a promoted copy that tells whose the global states are now."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from iot_dr.common.user_error import UserError
from stacks.state_location import StateLocation


class FenceError(UserError):
    """A fence that cannot be read: nothing may be written past it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Since when the states `keys` belong to a bucket, and to which one they belonged before."""

    owner_region: str
    owner_bucket: str
    former_bucket: str
    since: str
    keys: tuple[str, ...]

    @classmethod
    def read(cls, content: bytes, location: StateLocation) -> "Fence":
        """Read a fence; raises FenceError, with its place, for one that is damaged."""
        try:
            told: dict[str, Any] = json.loads(content)
            datetime.fromisoformat(told["since"])
            return cls(keys=tuple(told.pop("keys")), **told)
        except (ValueError, TypeError, KeyError) as error:
            message = (
                f"s3://{location.bucket}/{location.key}: is no fence that can be read: {error};"
                " restore its earlier version"
            )
            raise FenceError(message) from error

    def content(self) -> bytes:
        """Give what is stored."""
        return json.dumps(asdict(self), indent=2).encode()


def fence_location(state: StateLocation) -> StateLocation:
    """Give the place of the fence beside a state: one for all states of an environment."""
    folder, _, _ = state.key.rpartition("/")
    return replace(state, key=f"{folder}/promoted.json")
