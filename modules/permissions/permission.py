"""A permission on resources of one type: actions, ARN templates and a condition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

Condition = Mapping[str, Mapping[str, str]]
"""Operator to condition key to value; values are templates, as `Permission.resources` are."""

TAGGED: Condition = MappingProxyType(
    {
        "StringEquals": {
            "aws:ResourceTag/Project": "{project}",
            "aws:ResourceTag/Environment": "{environment}",
        }
    }
)
"""Requires this environment's tags on the resource, for types whose ids are generated."""

BEING_TAGGED: Condition = MappingProxyType(
    {
        "StringEquals": {
            "aws:RequestTag/Project": "{project}",
            "aws:RequestTag/Environment": "{environment}",
        },
        # A new resource has no tags yet: IAM cannot distinguish it from another one without tags.
        # Where that would give a role power over others, only a person creates the resource
        # (docs/adr/0032-permissions-from-resources.md).
        "StringEqualsIfExists": {
            "aws:ResourceTag/Project": "{project}",
            "aws:ResourceTag/Environment": "{environment}",
        },
    }
)
"""Requires this environment's tags in a request that creates or tags a resource."""

PIPELINE_TAGS: Final[Mapping[str, str]] = {"Part": "pipeline"}
"""Tags of a pipeline's own key, which the key of a stack does not have."""


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Actions on resources under a condition.

    ARNs and condition values are templates, which `stacks/permissions/grant.py` fills in. `*` is
    for actions for which the service authorization reference lists no resource type
    (docs.aws.amazon.com/service-authorization/latest/reference).
    """

    resources: tuple[str, ...]
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    force_destroy: tuple[str, ...] = ()
    """Actions that destroy the resource with its content, needed if `force_destroy` is true."""
    person: tuple[str, ...] = ()
    """Actions for a person who deploys; a pipeline's roles are not granted them."""
    condition: Condition = field(default_factory=dict[str, Mapping[str, str]])
    has_pipeline_tag: bool = False
    """Adds a condition on `PIPELINE_TAGS` of the resource: present on a pipeline's, else absent."""
    is_regional: bool = True
    """False for IAM and Route 53, which have no regions, and for S3, whose ARNs have no region."""
    is_granted_by_region: bool = False
    """Whether resources of the same name in different regions need separate statements."""
    is_granted_by_full_name: bool = False
    """Whether no pattern can replace the name, which may be cut before its environment."""
    named_by: str | None = None
    """The attribute that fills `{name}`; None for that of `catalogue.name_attribute`."""
