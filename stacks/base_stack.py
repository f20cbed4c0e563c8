"""The base class of all stacks: one AWS provider alias per region, and the S3 backend."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cdktf import (
    DataTerraformRemoteStateS3,
    S3Backend,
    S3BackendAssumeRoleConfig,
    TerraformOutput,
    TerraformStack,
)
from cdktf_cdktf_provider_aws.provider import (
    AwsProvider,
    AwsProviderAssumeRole,
    AwsProviderDefaultTags,
)
from constructs import Construct

from environments.settings import Settings
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.stack_context import stack_context
from stacks.state_location import handover_location, state_location

if TYPE_CHECKING:
    from stacks.permissions.permissions import Permissions


class BaseStack(TerraformStack):
    """A stack of one environment, with AWS providers only for the regions that it uses.

    The backend locks with S3's native lock file, which needs Terraform 1.10
    (developer.hashicorp.com/terraform/language/backend/s3).
    """

    def __init__(
        self, scope: Construct, node: StackNode, settings: Settings, regions: Iterable[str]
    ) -> None:
        super().__init__(scope, node.name)
        self.settings = settings
        self.context = stack_context(settings, node.region)
        self._providers = {region: self._provider(region) for region in regions}
        self._backend(node)

    def provider(self, region: str) -> AwsProvider:
        """Return the provider of a region; raises KeyError if the stack does not use the region."""
        return self._providers[region]

    def remote_state(self, upstream: str) -> DataTerraformRemoteStateS3:
        """Return a data source of another stack's state, for reading its outputs.

        A global stack's state is read from its copy if the settings have a `handover_region`.
        """
        nodes = {node.name: node for node in platform_graph(self.settings).nodes}
        location = handover_location(self.settings, nodes[upstream])
        return DataTerraformRemoteStateS3(
            self,
            upstream.replace("-", "_"),
            bucket=location.bucket,
            key=location.key,
            region=location.region,
            assume_role=self._backend_role(),
        )

    def hand_over(self, name: str, value: object, description: str) -> None:
        """Add an output that other stacks and operators read by its name."""
        TerraformOutput(self, name, value=value, description=description)

    def allow(self, permissions: "Permissions") -> None:
        """Set policies that are computed from the resources of all stacks, if it has any."""

    def _provider(self, region: str) -> AwsProvider:
        alias, role = region.replace("-", "_"), self.settings.deploy_role_arn
        return AwsProvider(
            self,
            f"aws_{alias}",
            alias=alias,
            region=region,
            allowed_account_ids=[self.settings.account_id],
            assume_role=[AwsProviderAssumeRole(role_arn=role)] if role else None,
            default_tags=[AwsProviderDefaultTags(tags=self.context.tags)],
        )

    def _backend(self, node: StackNode) -> None:
        location = state_location(self.settings, node)
        backend = S3Backend(
            self,
            bucket=location.bucket,
            key=location.key,
            region=location.region,
            encrypt=True,
            assume_role=self._backend_role(),
        )
        # CDKTF's types have only the DynamoDB lock, which Terraform has deprecated.
        backend.add_override("use_lockfile", True)

    def _backend_role(self) -> S3BackendAssumeRoleConfig | None:
        role = self.settings.deploy_role_arn
        return S3BackendAssumeRoleConfig(role_arn=role) if role else None
