"""Whose the global states are, by what the state of the state's stack says."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from iot_dr.common.user_error import UserError
from iot_dr.observe.state.fence import Fence, fence_location
from stacks.state_location import StateLocation

Read = Callable[[StateLocation], bytes | None]
"""Reads an object; None where there is none, or its region does not answer."""


class NotPromotedError(UserError):
    """The settings name another home than the one that owns the global states."""


def owners_in(content: bytes | None) -> frozenset[str]:
    """Name the bucket that is copied from, by a state of the state's stack or a copy of it.

    Home's stack alone makes copies, so that bucket holds the originals. Nothing where there is no
    state, or none that has got as far as the copying.
    """
    try:
        resources: list[dict[str, Any]] = json.loads(content or b"{}")["resources"]
        return frozenset(
            instance["attributes"]["bucket"]
            for each in resources
            if each["type"] == "aws_s3_bucket_replication_configuration"
            for instance in each["instances"]
        )
    except (ValueError, TypeError, KeyError):
        return frozenset()


def refuse_not_promoted(
    stack: str, own: StateLocation, home: StateLocation, others: Iterable[StateLocation], read: Read
) -> None:
    """Raise NotPromotedError when `home` is to be the owner, is none, and was not promoted.

    The four places are those of the state of the state's stack: `own` in the bucket of `stack`,
    `others` in those of every region, which are asked only where home's own bucket is silent.
    """
    told = owners_in(read(own))
    if not told and own == home:
        told = frozenset[str]().union(*(owners_in(read(each)) for each in others))
    if (
        not told
        or home.bucket in told
        or any(_promotes(place, home, read) for place in {own, home})
    ):
        return
    environment, _, _ = home.key.partition("/")
    message = (
        f"{stack}: home_region: {home.region}: not promoted: by their own word the global states"
        f" belong to {', '.join(sorted(told))}. Set home_region back; only when that bucket is gone"
        f" for good, run `iot-dr state promote --region {home.region} --env {environment}` before"
        " you set it anew (docs/runbooks/state.md)"
    )
    raise NotPromotedError(message)


def _promotes(place: StateLocation, home: StateLocation, read: Read) -> bool:
    fence = fence_location(place)
    content = read(fence)
    return bool(content) and Fence.read(content, fence).owner_bucket == home.bucket
