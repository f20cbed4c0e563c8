"""Refuses a run on a state that another region owns now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from environments.project import settings_file
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.objects import S3Objects, SandboxObjects
from iot_dr.observe.state.fence import Fence, fence_location
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.state_file import StateFile
from modules.stack_names import stack_name
from stacks.state_location import StateLocation

Read = Callable[[StateLocation], bytes | None]
"""Reads an object; returns None if it is missing or its region does not answer."""


_CERTIFICATE: Final = "aws_acm_certificate"
_DOMAIN: Final = "aws_iot_domain_configuration"


class NotPromotedError(UserError):
    """The settings name a home region that does not own the global states."""


def owners_in(content: bytes | None) -> frozenset[str]:
    """Return the buckets that a state of the state stack, or a copy of it, replicates from.

    Only home's stack replicates, so that such a bucket contains the originals. Empty without a
    state, or if it has no replication yet.
    """
    rules = StateFile.or_empty(content).of_type("aws_s3_bucket_replication_configuration")
    return frozenset(bucket for _, each in rules if (bucket := text(each.get("bucket"))))


def refuse_not_promoted(
    stack: str, own: StateLocation, home: StateLocation, others: Iterable[StateLocation], read: Read
) -> None:
    """Raise NotPromotedError if `home` would own the states without having been promoted.

    Locations are those of the state stack's state: `own` in the bucket of `stack`, `home`, and
    `others` in the buckets of every region, which are read only if `own` is home's and names no
    owner.
    """
    owners = owners_in(read(own))
    if not owners and own == home:
        owners = frozenset[str]().union(*(owners_in(read(other)) for other in others))
    # Without a known owner nothing is taken from one: it is a new environment, or nobody answers.
    if (
        not owners
        or home.bucket in owners
        or any(_promotes(place, home, read) for place in {own, home})
    ):
        return
    environment, _, _ = home.key.partition("/")
    command = f"iot-dr state promote --region {home.region} --env {environment}"
    message = (
        f"{stack}: home_region: {home.region}: not promoted: according to their outputs the global"
        f" states belong to {', '.join(sorted(owners))}. Set home_region back. If that bucket is"
        f" gone for good, run `{command}` before you set it again. If home lives and is to leave:"
        " first deploy the regions that replace it, with another primary; then run"
        f" `{command} --home-lives`, set home_region and (but not with zone.lookup)"
        f" certificate_region to {home.region} and move the former home to leaving_regions in one"
        " edit, and deploy (docs/runbooks/state.md)"
    )
    raise NotPromotedError(message)


def _promotes(place: StateLocation, home: StateLocation, read: Read) -> bool:
    fence = fence_location(place)
    content = read(fence)
    return bool(content) and Fence.read(content, fence).owner_bucket == home.bucket


Fetch: TypeAlias = Callable[[StateLocation, str | None], bytes | None]
"""Reads an object in a role, if any; None if it is missing or its region does not answer."""


class PromotedError(UserError):
    """A stack would run on a state that was promoted elsewhere."""


def refuse_promoted(stacks: Path, stack: str, fetch: Fetch) -> None:
    """Raise PromotedError if a copy of the stack's state was promoted elsewhere.

    The replication rules of the synthesized state stack say which copies there are. Raises
    NotPromotedError if the stacks take a region for home that owns nothing yet, and
    OtherCertificateError if a region's certificate would move to another stack.
    """
    document = StackDocument.read(stacks / stack)
    _, backend = document.backend
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
    refuse_other_certificate(document, lambda place: fetch(place, role))


class OtherCertificateError(UserError):
    """A stack would lose the certificate that its region serves, or create a second one."""


def refuse_other_certificate(document: StackDocument, read: Read) -> None:
    """Raise OtherCertificateError if a region's certificate is in another stack than its state.

    A domain configuration cannot take another certificate: it would be replaced, and its region not
    be served for up to an hour.
    """
    declared = document.content.get("resource", {})
    if _DOMAIN not in declared or _CERTIFICATE in document.content.get("data", {}):
        return
    location = document.location
    types = {each.type for each in StateFile.or_empty(read(location)).managed}
    if _DOMAIN not in types or (_CERTIFICATE in declared) == (_CERTIFICATE in types):
        return
    environment, region = location.key.partition("/")[0], location.region
    remedy = (
        "has the certificate that is served there, and this setting would replace it; set it to"
        f" {region}"
        if _CERTIFICATE in types
        else "does not have the certificate that is served there, and this setting would replace"
        " it; set it back to null, and zone to what it was; or, if this was the home region that"
        " was lost, see docs/runbooks/add-region.md"
    )
    message = (
        f"{settings_file(environment)}: certificate_region: the state of the stack in {region}"
        f" {remedy} (docs/runbooks/state.md)"
    )
    raise OtherCertificateError(message)


def sandbox_fetch(folder: Path) -> Fetch:
    """Return a reader of a sandbox's folder."""
    objects = SandboxObjects(folder)
    return lambda location, _role: objects.read(location)


def s3_fetch() -> Fetch:
    """Return a reader of states in S3 by the role that may read them; None is the own role."""
    clients: dict[str | None, S3Objects] = {}

    def fetch(location: StateLocation, role_arn: str | None) -> bytes | None:
        if role_arn not in clients:
            clients[role_arn] = S3Objects(role_arn)
        return clients[role_arn].read(location)

    return fetch


def _refuse_not_promoted(stacks: Path, stack: str, environment: str, read: Read) -> None:
    folder = stacks / stack_name(environment, "state")
    if not folder.is_dir():
        return
    home = _location(folder)
    regional = sorted(stacks.glob(f"{stack_name(environment, 'iot')}-*"))
    own, *others = (
        replace(home, bucket=location.bucket, region=location.region)
        for location in map(_location, [stacks / stack, *regional])
    )
    refuse_not_promoted(stack, own, home, others, read)


def _location(folder: Path) -> StateLocation:
    return StackDocument.read(folder).location


def _copies(stacks: Path, key: str) -> Iterator[StateLocation]:
    """Yield the copies of the state `key`, by the replication rules of the state stack."""
    environment, _, _ = key.partition("/")
    folder = stacks / stack_name(environment, "state")
    if not folder.is_dir():
        return
    resources: dict[str, Any] = StackDocument.read(folder).content.get("resource", {})
    # The alias of a provider is its region, with underscores: aws.eu_west_1.
    regions = {
        bucket["bucket"]: bucket["provider"].removeprefix("aws.").replace("_", "-")
        for bucket in resources.get("aws_s3_bucket", {}).values()
    }
    for replication in resources.get("aws_s3_bucket_replication_configuration", {}).values():
        for rule in replication["rule"]:
            if rule["filter"]["prefix"] == key:
                bucket = rule["destination"]["bucket"].rpartition(":")[2]
                yield StateLocation(bucket=bucket, key=key, region=regions[bucket])
