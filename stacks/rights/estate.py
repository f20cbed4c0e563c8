"""An environment as IAM sees it: the account, the regions, and the names in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from modules.context import Context

PATH = "/iot-dr/"
"""The path of every role and policy of a pipeline."""
POLICY_NAME_LIMIT = 128
"""docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
ANY_REGION = "??-*-?"
"""The pattern of a region's name."""
ROUTE53_REGION = "us-east-1"
"""Where the global services IAM and Route 53 answer: docs.aws.amazon.com/IAM/latest/UserGuide,
reference_policies_condition-keys.html (aws:RequestedRegion)."""


@dataclass(frozen=True, kw_only=True)
class Estate:
    """The names of an environment that its pipelines roll out.

    `buckets` are those with states by region, those of regions that are leaving the last;
    `pipelines` are the buckets with artifacts by the region of their pipeline; the names of both
    begin with `bucket_prefix`. Stacks are named: the global ones by what they are, the others by
    region, and those that stand beside `regional_stacks` by their kind too. `zone_id` is `*` where
    the zone is not known before it is made, `parent_zone_id` that of the parent which delegates to
    it, if any. `provisioning` is the way in which devices join, None where they do not.
    """

    context: Context
    account_id: str
    home: str
    buckets: Mapping[str, str]
    bucket_prefix: str
    pipelines: Mapping[str, str]
    stacks: Mapping[str, str]
    regional_stacks: Mapping[str, str]
    pipeline_stacks: Mapping[str, str]
    connection_arns: tuple[str, ...]
    zone_name: str
    label: str
    zone_id: str = "*"
    parent_zone_id: str | None = None
    data_stacks: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )
    provisioning: Literal["fleet-provisioning", "just-in-time"] | None = None

    @property
    def has_data(self) -> bool:
        """Whether every region holds the data of devices (ADR 0021)."""
        return "data" in self.stacks

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region with a state bucket, those that are leaving the last."""
        return tuple(self.buckets)

    @property
    def any_bucket(self) -> str:
        """The pattern of all buckets' names."""
        return f"{self.bucket_prefix}*"

    @property
    def any_state_bucket(self) -> str:
        """The pattern of the names of buckets with states, which end in a region's."""
        return f"{self.bucket_prefix}{ANY_REGION}"

    def boundary_arn(self, region: str) -> str:
        """Give the ARN of the boundary of the roles of the pipeline in `region`.

        With `*` it is the pattern of all such boundaries.
        """
        name = self.context.name(f"pipeline-boundary-{region}", POLICY_NAME_LIMIT)
        return _policy_arn(self.account_id, name)

    @property
    def function_boundary_arn(self) -> str:
        """The ARN of the boundary for functions' roles."""
        return function_boundary_arn(self.context, self.account_id)

    def role_name(self, what: str, region: str) -> str:
        """Name the role of the pipeline in `region` for what it does, and its project alike."""
        return self.context.name(f"{what}-{region}")


def function_boundary_name(context: Context) -> str:
    """Name the boundary for functions' roles, the same whichever region is home."""
    return context.name("function-boundary", POLICY_NAME_LIMIT)


def function_boundary_arn(context: Context, account_id: str) -> str:
    """Give the ARN of the boundary for functions' roles, which the state's stack makes."""
    return _policy_arn(account_id, function_boundary_name(context))


def _policy_arn(account_id: str, name: str) -> str:
    return f"arn:aws:iam::{account_id}:policy{PATH}{name}"
