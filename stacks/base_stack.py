"""The base class of all stacks: one AWS provider alias per region, and the S3 backend."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

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
from modules.permissions.permission import Permission
from modules.stack_names import stack_name
from stacks.graph import StackNode
from stacks.own_code import OwnStackError
from stacks.platform_graph import platform_graph
from stacks.platform_outputs import PlatformOutputs
from stacks.stack_context import stack_context
from stacks.state_location import handover_location, state_location

if TYPE_CHECKING:
    from stacks.permissions.permissions import Permissions


class BaseStack(TerraformStack):
    """A stack of one environment, with AWS providers only for the regions that it uses.

    A project's own stacks are derived from it (docs/how-to/own-stacks.md). The backend locks with
    S3's native lock file, which needs Terraform 1.10
    (developer.hashicorp.com/terraform/language/backend/s3).
    """

    kind: ClassVar[str] = ""
    """The kind of an own stack, which is named `iot-{environment}-{kind}[-{region}]`."""

    upstream: ClassVar[tuple[str, ...]] = ()
    """The kinds of stacks whose outputs an own stack reads; it is applied after them."""

    permissions: ClassVar[Mapping[str, Sequence[Permission]]] = MappingProxyType({})
    """What a pipeline needs for types of resources that the platform does not use, by type."""

    def __init__(
        self,
        scope: Construct,
        node: StackNode,
        settings: Settings,
        regions: Iterable[str] | None = None,
    ) -> None:
        """Create the backend, and a provider for each region, by default for the stack's own."""
        super().__init__(scope, node.name)
        self.settings = settings
        self.region = node.region
        self.context = stack_context(settings, node.region)
        self._stack_node = node
        regions = [node.region] if regions is None else regions
        self._providers = {region: self._provider(region) for region in regions}
        self._remote_states: dict[str, DataTerraformRemoteStateS3] = {}
        self._backend(node)

    @cached_property
    def platform(self) -> PlatformOutputs:
        """The platform's outputs, for an own stack."""
        return PlatformOutputs(self)

    def provider(self, region: str | None = None) -> AwsProvider:
        """Return the provider of a region, by default of the stack's own.

        Raises OwnStackError, a ValueError, if the stack has no provider for the region.
        """
        region = region or self.region
        if region not in self._providers:
            message = (
                f"it has no provider for {region}; pass regions=[...] with it to BaseStack.__init__"
            )
            raise OwnStackError(message)
        return self._providers[region]

    def output(self, kind: str, name: str, region: str | None = None) -> str:
        """Return a reference to an output of another stack, whose kind must be in `upstream`.

        A regional stack reads the outputs of its own region and of global stacks; a global stack
        names the `region` of a regional one. Raises OwnStackError, a ValueError, otherwise.
        """
        if not self.may_read(kind):
            message = f'it reads {kind}, which is not in upstream; add "{kind}" to upstream'
            raise OwnStackError(message)
        nodes = {node.name: node for node in platform_graph(self.settings).nodes}
        environment = self.settings.environment
        stack = stack_name(environment, kind)
        if stack not in nodes:
            if region is None and not self._stack_node.is_regional:
                message = f"it is global and reads {kind} of a region; pass region=... to output"
                raise OwnStackError(message)
            stack = stack_name(environment, kind, region or self.region)
        if stack not in self._remote_states:
            self._remote_states[stack] = self.remote_state(stack)
        return self._remote_states[stack].get_string(name)

    def remote_state(self, upstream: str) -> DataTerraformRemoteStateS3:
        """Return a data source of another stack's state, for reading its outputs.

        A global stack's state is read from its copy if the settings have a `handover_region`.
        Raises OwnStackError, a ValueError, if a regional stack would read another region's state.
        """
        nodes = {node.name: node for node in platform_graph(self.settings).nodes}
        if upstream not in nodes:
            message = f"it reads {upstream}, which {self.settings.environment} does not have"
            raise OwnStackError(message)
        is_regional = self._stack_node.is_regional and nodes[upstream].is_regional
        if is_regional and nodes[upstream].region != self.region:
            message = (
                f"it reads the state of {upstream} in another region, and could not be applied"
                " while that region is down; read it in a global stack"
            )
            raise OwnStackError(message)
        location = handover_location(self.settings, nodes[upstream])
        return DataTerraformRemoteStateS3(
            self,
            upstream.replace("-", "_"),
            bucket=location.bucket,
            key=location.key,
            region=location.region,
            assume_role=self._backend_role(),
        )

    def may_read(self, kind: str) -> bool:
        """Whether the stack may read outputs of a kind of stacks."""
        return kind in self.upstream

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
