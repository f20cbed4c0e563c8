"""An environment with pipelines as IAM sees it: its names, and the resources of its stacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from environments.settings import ExistingZone, Pipeline, Settings
from modules.artifact_bucket import artifact_bucket_name
from modules.context import Context
from stacks.graph import StackNode
from stacks.permissions.policy_names import POLICY_NAME_LIMIT, function_boundary_arn, policy_arn
from stacks.permissions.resource import Resource
from stacks.platform_graph import platform_graph
from stacks.rollout import scope

ANY_REGION: Final = "??-*-?"
"""The pattern of a region's name."""
ROUTE53_REGION: Final = "us-east-1"
"""Where the global services IAM and Route 53 answer: docs.aws.amazon.com/IAM/latest/UserGuide,
reference_policies_condition-keys.html (aws:RequestedRegion)."""


@dataclass(frozen=True)
class Environment:
    """An environment that pipelines roll out, with the resources of its stacks by stack name."""

    settings: Settings
    context: Context
    resources: Mapping[str, tuple[Resource, ...]] = field(
        default_factory=dict[str, tuple[Resource, ...]]
    )

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline block; raises ValueError for an environment without one."""
        if self.settings.pipeline is None:
            message = f"{self.settings.environment} has no pipeline block, and so no roles of one"
            raise ValueError(message)
        return self.settings.pipeline

    @property
    def account_id(self) -> str:
        """The account of every resource."""
        return self.settings.account_id

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region with a state bucket, those that are leaving the last."""
        return tuple(self.settings.state_buckets)

    @property
    def all_regions(self) -> tuple[str, ...]:
        """The regions, and the one in which global services answer."""
        return tuple(dict.fromkeys((*self.regions, ROUTE53_REGION)))

    @cached_property
    def nodes(self) -> tuple[StackNode, ...]:
        """The stacks."""
        return platform_graph(self.settings).nodes

    def of_scope(self, name: str) -> Iterator[StackNode]:
        """Return the stacks that are applied with the permissions of a scope."""
        return (node for node in self.nodes if scope(node) == name)

    @property
    def prefix(self) -> str:
        """The beginning of every name but a bucket's."""
        return self.context.name("")

    @property
    def bucket_prefix(self) -> str:
        """The beginning of every bucket's name."""
        return f"{self.settings.state.bucket_prefix}-{self.settings.environment}-"

    @property
    def any_bucket(self) -> str:
        """The pattern of all buckets' names."""
        return f"{self.bucket_prefix}*"

    @property
    def any_state_bucket(self) -> str:
        """The pattern of the names of buckets with states, which end in a region's."""
        return f"{self.bucket_prefix}{ANY_REGION}"

    def artifact_bucket(self, region: str) -> str:
        """Name the bucket with artifacts of the pipeline in `region`."""
        return artifact_bucket_name(self.settings.state_bucket(region))

    @property
    def zone_id(self) -> str:
        """The id of the hosted zone; `*` if it is not known before the zone is created."""
        zone = self.settings.zone
        return zone.id if isinstance(zone, ExistingZone) else "*"

    def boundary_arn(self, region: str) -> str:
        """Return the ARN of the boundary of the roles of the pipeline in `region`.

        With `*` it is the pattern of all such boundaries.
        """
        name = self.context.name(f"pipeline-boundary-{region}", POLICY_NAME_LIMIT)
        return policy_arn(self.account_id, name)

    @property
    def function_boundary_arn(self) -> str:
        """The ARN of the boundary for functions' roles."""
        return function_boundary_arn(self.context, self.account_id)

    def role_name(self, what: str, region: str) -> str:
        """Name the role of the pipeline in `region` for what it does, and its project alike."""
        return self.context.name(f"{what}-{region}")
