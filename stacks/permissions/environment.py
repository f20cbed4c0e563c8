"""An environment with pipelines as IAM policies refer to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from environments.settings import ExistingZone, Pipeline, Settings
from modules.artifact_bucket import artifact_bucket_name
from modules.context import Context
from modules.global_region import GLOBAL_REGION
from modules.name_limits import IAM_POLICY_NAME_LIMIT
from modules.permissions.catalogue import CATALOGUE, Catalogue
from stacks.graph import StackNode
from stacks.permissions.resource import PolicyResource
from stacks.platform_graph import platform_graph
from stacks.policy_names import function_boundary_arn, policy_arn
from stacks.rollout import scope

ANY_REGION: Final = "??-*-?"
"""A pattern for region names."""


@dataclass(frozen=True)
class PipelineEnvironment:
    """An environment with pipelines; `resources` are those of its stacks, by stack name.

    `catalogue` also has the types that own stacks declare.
    """

    settings: Settings
    context: Context
    resources: Mapping[str, tuple[PolicyResource, ...]] = field(
        default_factory=dict[str, tuple[PolicyResource, ...]]
    )
    catalogue: Catalogue = field(default_factory=lambda: CATALOGUE)

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline block; raises ValueError for an environment without one."""
        if self.settings.pipeline is None:
            message = f"{self.settings.environment} has no pipeline block, and so no pipeline roles"
            raise ValueError(message)
        return self.settings.pipeline

    @property
    def account_id(self) -> str:
        """The account id."""
        return self.settings.account_id

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions with a state bucket, leaving regions last."""
        return tuple(self.settings.state_buckets)

    @property
    def all_regions(self) -> tuple[str, ...]:
        """The regions, and that of the global services."""
        return tuple(dict.fromkeys((*self.regions, GLOBAL_REGION)))

    @cached_property
    def nodes(self) -> tuple[StackNode, ...]:
        """The stacks."""
        return platform_graph(self.settings).nodes

    def stacks_in_scope(self, name: str) -> Iterator[StackNode]:
        """Return the stacks that the role of a scope applies."""
        return (node for node in self.nodes if scope(node) == name)

    @property
    def prefix(self) -> str:
        """The prefix of all names except buckets'."""
        return self.context.name("")

    @property
    def bucket_prefix(self) -> str:
        """The prefix of bucket names."""
        return f"{self.settings.state.bucket_prefix}-{self.settings.environment}-"

    @property
    def any_bucket(self) -> str:
        """The pattern of all bucket names."""
        return f"{self.bucket_prefix}*"

    @property
    def any_state_bucket(self) -> str:
        """The pattern of state bucket names, which end in a region."""
        return f"{self.bucket_prefix}{ANY_REGION}"

    def artifact_bucket(self, region: str) -> str:
        """Return the name of the artifact bucket of the pipeline in `region`."""
        return artifact_bucket_name(self.settings.state_bucket(region))

    @property
    def zone_id(self) -> str:
        """The hosted zone's id, or `*` if Terraform creates the zone."""
        zone = self.settings.zone
        return zone.id if isinstance(zone, ExistingZone) else "*"

    def boundary_arn(self, region: str) -> str:
        """Return the ARN of the boundary `pipeline` in `region`.

        With `*` it is the pattern of all pipeline boundaries.
        """
        name = self.context.name(f"pipeline-boundary-{region}", IAM_POLICY_NAME_LIMIT)
        return policy_arn(self.account_id, name)

    @property
    def function_boundary_arn(self) -> str:
        """The ARN of the boundary of functions' roles."""
        return function_boundary_arn(self.context, self.account_id)

    def role_name(self, what: str, region: str) -> str:
        """Return the name of a role of the pipeline in `region`, and of its project."""
        return self.context.name(f"{what}-{region}")
