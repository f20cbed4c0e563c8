"""A permission on resources of one type: what reads and writes them, and their ARNs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Condition = Mapping[str, Mapping[str, str]]
"""Values by key by operator; values are templates as resources are."""

TAGGED: Condition = MappingProxyType(
    {
        "StringEquals": {
            "aws:ResourceTag/Project": "{project}",
            "aws:ResourceTag/Environment": "{environment}",
        }
    }
)
"""The resource is this environment's by its tags: its id says nothing."""

BEING_TAGGED: Condition = MappingProxyType(
    {
        "StringEquals": {
            "aws:RequestTag/Project": "{project}",
            "aws:RequestTag/Environment": "{environment}",
        },
        # A new resource has no tags yet; one of another environment cannot be made ours.
        "StringEqualsIfExists": {
            "aws:ResourceTag/Project": "{project}",
            "aws:ResourceTag/Environment": "{environment}",
        },
    }
)
"""What is made or tagged gets this environment's tags."""

PIPELINE_TAGS: Final[Mapping[str, str]] = {"Part": "pipeline"}
"""The tags by which a pipeline's key is told from those of what it rolls out."""

Part = Literal["is", "becomes"]


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Actions on the resources of some ARNs, on a condition.

    ARNs and values of conditions are templates, which `stacks/permissions/grant.py` fills in; `*`
    is for actions for which the service authorization reference lists no resource type
    (docs.aws.amazon.com/service-authorization/latest/reference).
    """

    resources: tuple[str, ...]
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    dispose: tuple[str, ...] = ()
    """What destroys the resource with all that is in it, if `force_destroy` says so."""
    condition: Condition = field(default_factory=dict[str, Mapping[str, str]])
    part: Part | None = None
    """Whether a condition tells that the resource is part of a pipeline, or becomes it."""
    is_regional: bool = True
    """Not so for IAM and Route 53, which have no regions, and for buckets, whose names do not."""
    is_placed: bool = False
    """The region counts as much as the name: of a name that is the same in every region, what may
    be done in one may not be done in another."""
    is_named_in_full: bool = False
    """A short name may be cut before it says whose it is: no pattern stands for it."""
