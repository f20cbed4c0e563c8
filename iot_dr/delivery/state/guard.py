"""Keeps a run from a state that has another owner by now."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.objects import S3Objects, SandboxObjects
from iot_dr.delivery.state.owner import Read, refuse_not_promoted
from iot_dr.observe.state.fence import Fence, fence_location
from iot_dr.terraform.stack_document import StackDocument
from stacks.platform_graph import stack_name
from stacks.state_location import StateLocation

Fetch: TypeAlias = Callable[[StateLocation, str | None], bytes | None]
"""Reads an object in a role, if any; None where there is none, or its region does not answer."""


class PromotedError(UserError):
    """A stack would run on a state that was promoted elsewhere."""


def refuse_promoted(stacks: Path, stack: str, fetch: Fetch) -> None:
    """Raise PromotedError when a copy of the stack's state was made the owner elsewhere.

    Which copies there are, the rules of the state's stack tell, among the synthesized `stacks`.
    Raises NotPromotedError when these take a region for home that owns nothing yet.
    """
    _, backend = StackDocument.read(stacks / stack).backend
    role = backend.get("assume_role", {}).get("role_arn")
    key = backend.get("key", "")
    for copy in _copies(stacks, key):
        place = fence_location(copy)
        content = fetch(place, role)
        fence = Fence.read(content, place) if content else None
        if fence and copy.key in fence.keys and fence.owner_bucket != backend["bucket"]:
            message = (
                f"{stack}: its state in {backend['bucket']} is no longer the owner: it was"
                f" promoted to {fence.owner_region} ({fence.owner_bucket}) at {fence.since};"
                f" set home_region: {fence.owner_region} in the environment's file"
            )
            raise PromotedError(message)
    _refuse_not_promoted(stacks, stack, key.partition("/")[0], lambda place: fetch(place, role))


def sandbox_fetch(folder: Path) -> Fetch:
    """Give a reader of a sandbox's folder."""
    objects = SandboxObjects(folder)
    return lambda location, _role: objects.read(location)


def s3_fetch() -> Fetch:
    """Give a reader of S3; a copy's region that is gone keeps nobody from home's states."""
    found: dict[str | None, S3Objects] = {}

    def fetch(location: StateLocation, role_arn: str | None) -> bytes | None:
        if role_arn not in found:
            found[role_arn] = S3Objects(role_arn)
        return found[role_arn].read(location)

    return fetch


def _refuse_not_promoted(stacks: Path, stack: str, environment: str, read: Read) -> None:
    folder = stacks / stack_name(environment, "state")
    if not folder.is_dir():
        return
    home = _location(folder)
    regional = sorted(stacks.glob(f"{stack_name(environment, 'iot')}-*"))
    own, *others = (
        replace(home, bucket=each.bucket, region=each.region)
        for each in map(_location, [stacks / stack, *regional])
    )
    refuse_not_promoted(stack, own, home, others, read)


def _location(folder: Path) -> StateLocation:
    return StackDocument.read(folder).location


def _copies(stacks: Path, key: str) -> Iterator[StateLocation]:
    environment, _, _ = key.partition("/")
    folder = stacks / stack_name(environment, "state")
    if not folder.is_dir():
        return
    resources: dict[str, Any] = StackDocument.read(folder).content.get("resource", {})
    regions = {
        bucket["bucket"]: bucket["provider"].removeprefix("aws.").replace("_", "-")
        for bucket in resources.get("aws_s3_bucket", {}).values()
    }
    for replication in resources.get("aws_s3_bucket_replication_configuration", {}).values():
        for rule in replication["rule"]:
            if rule["filter"]["prefix"] == key:
                bucket = rule["destination"]["bucket"].rpartition(":")[2]
                yield StateLocation(bucket=bucket, key=key, region=regions[bucket])
